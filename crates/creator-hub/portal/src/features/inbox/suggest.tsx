import { useSuggestion } from "@/api/inbox";
import type { Citation } from "@/api/types";
import { after } from "@/lib/after";
import { Button } from "@/ui/button";
import { notify } from "@/ui/toast";
import { withoutMarks } from "./drafts";

interface SuggestProps {
  id: string;
  onSuggested: (text: string, citations: readonly Citation[]) => void;
}

/** Asks the engine what it would say; the words are the member's to change and to send. */
export function Suggest({ id, onSuggested }: SuggestProps) {
  const suggestion = useSuggestion(id);
  function ask() {
    after(
      suggestion.mutateAsync(),
      ({ text, citations, abstained }) =>
        abstained || !text.trim()
          ? notify("Your material doesn't cover this, so there is nothing to suggest.")
          : onSuggested(withoutMarks(text), citations),
      () => notify("No suggestion came back. What you typed is still here.", { tone: "bad" }),
    );
  }
  return (
    <Button
      small
      variant="quiet"
      busy={suggestion.isPending && "Looking through your material"}
      onClick={ask}
    >
      Suggest a reply
    </Button>
  );
}
