import type { ChannelAccount, WidgetSettings } from "@/api/types";

/** What the widget's panel draws itself from: the answer of `/w/{key}/config`. */
export interface PreviewConfig {
  name: string;
  greeting: string;
  questions: string[];
  accent: string;
  position: WidgetSettings["position"];
  theme: WidgetSettings["theme"];
  locale: string;
  picture_url: string | null;
  check_ins_offered: boolean;
  attachments: WidgetSettings["attachment_kinds"];
  available: boolean;
}

/** The form as visitors would get it if it were saved now. */
export function previewConfig(
  form: WidgetSettings,
  { enabled }: Pick<ChannelAccount, "enabled">,
  practice: string,
): PreviewConfig {
  return {
    name: form.coach_name.trim() || practice,
    greeting: form.greeting.trim(),
    questions: form.questions.map((question) => question.trim()).filter(Boolean),
    accent: form.accent,
    position: form.position,
    theme: form.theme,
    locale: form.locale,
    picture_url: securely(form.picture_url),
    check_ins_offered: form.check_ins_offered,
    attachments: form.attachments_offered ? form.attachment_kinds : [],
    available: enabled,
  };
}

/** An address that is still being typed is asked of nobody. */
function securely(address: string | null | undefined): string | null {
  return address?.startsWith("https://") && URL.canParse(address) ? address : null;
}

/** The envelope of what portal and panel say to each other. */
export function settingsMessage(config: PreviewConfig): object {
  return { coxswain: 1, message: { type: "settings", config } };
}

/** Whether `data` is the panel's word that it listens. */
export function saysReady(data: unknown): boolean {
  if (typeof data !== "object" || data === null || !("coxswain" in data) || !("message" in data))
    return false;
  const { message } = data;
  return typeof message === "object" && message !== null && "type" in message && message.type === "ready";
}
