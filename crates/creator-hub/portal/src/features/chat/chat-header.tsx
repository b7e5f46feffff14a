import { useNavigate } from "@tanstack/react-router";
import { ChevronDown } from "lucide-react";
import { useConversations } from "@/api/chat";
import type { Conversation } from "@/api/types";
import { exact } from "@/lib/time";
import { Button, buttonClass } from "@/ui/button";
import { Menu, MenuItem, MenuLabel } from "@/ui/menu";

export function ChatHeader({ current, onNew }: { current: string | undefined; onNew: () => void }) {
  const navigate = useNavigate({ from: "/chat" });
  const earlier = useConversations();
  return (
    <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line px-4 py-3 sm:px-8">
      <h1 className="page-title">Test chat</h1>
      <div className="flex items-center gap-2">
        {earlier.items.length > 0 && (
          <Menu
            label="Earlier conversations"
            trigger={
              <button type="button" className={buttonClass("quiet")}>
                Earlier
                <ChevronDown size={16} aria-hidden />
              </button>
            }
          >
            <MenuLabel>Earlier test conversations</MenuLabel>
            {earlier.items.map((conversation) => (
              <MenuItem
                key={conversation.id}
                disabled={conversation.id === current}
                onSelect={() => void navigate({ search: { conversation: conversation.id } })}
              >
                <span className="line-clamp-2">{nameOf(conversation)}</span>
              </MenuItem>
            ))}
          </Menu>
        )}
        {current && <Button onClick={onNew}>New conversation</Button>}
      </div>
    </header>
  );
}

const nameOf = (conversation: Conversation) => conversation.title || exact(conversation.created_at);
