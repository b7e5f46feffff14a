import { useState } from "react";
import { useCannedReplies } from "@/api/canned-replies";
import { Button } from "@/ui/button";
import { Menu, MenuItem, MenuLabel, MenuLine } from "@/ui/menu";
import { CannedReplies } from "./canned-replies";

/** The team's own ready-made words, put where the caret stands. */
export function CannedMenu({ onPick }: { onPick: (text: string) => void }) {
  const replies = useCannedReplies();
  const [editing, setEditing] = useState(false);
  return (
    <>
      <Menu
        label="Canned replies"
        align="start"
        side="top"
        trigger={
          <Button small variant="quiet">
            Canned replies
          </Button>
        }
      >
        <MenuLabel>{replies.items.length ? "Canned replies" : "No canned reply yet"}</MenuLabel>
        {replies.items.map(({ id, title, text }) => (
          <MenuItem key={id} onSelect={() => onPick(text)}>
            <span className="flex min-w-0 flex-col">
              <span className="truncate font-medium">{title}</span>
              <span className="line-clamp-2 text-ink-3">{text}</span>
            </span>
          </MenuItem>
        ))}
        <MenuLine />
        <MenuItem onSelect={() => setEditing(true)}>
          {replies.items.length ? "Write or change canned replies" : "Write the first one"}
        </MenuItem>
      </Menu>
      {editing && <CannedReplies onClose={() => setEditing(false)} />}
    </>
  );
}
