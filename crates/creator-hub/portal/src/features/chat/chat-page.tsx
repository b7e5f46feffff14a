import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { uuid } from "@/lib/uuid";
import { useTitle } from "@/ui/page";
import { ChatHeader } from "./chat-header";
import { Conversation } from "./conversation";

/** What would a client hear, and why? */
export function ChatPage() {
  useTitle("Test chat");
  const { conversation } = useSearch({ from: "/inside/chat" });
  const navigate = useNavigate({ from: "/chat" });
  // The id of a new conversation is made here, so that its address holds from the first question on.
  const [fresh, setFresh] = useState(uuid);
  const id = conversation ?? fresh;
  function startNew() {
    setFresh(uuid());
    void navigate({ search: {} });
  }
  return (
    <div className="flex h-[calc(100dvh-3.5rem-env(safe-area-inset-bottom))] min-h-0 flex-col sm:h-dvh">
      <ChatHeader current={conversation} onNew={startNew} />
      <Conversation
        key={id}
        id={id}
        exists={conversation !== undefined && conversation !== fresh}
        onBegun={() => void navigate({ search: { conversation: id }, replace: true })}
      />
    </div>
  );
}
