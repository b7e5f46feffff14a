//! The doubles of Telegram and `WhatsApp` are held to what the providers document.

mod receiver;
mod telegram;
mod telegram_updates;
mod whatsapp;
mod whatsapp_webhooks;
