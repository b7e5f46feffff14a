import { useModels } from "@/api/home";
import type { Models } from "@/api/types";
import { format } from "@/lib/count";
import { Dot } from "@/ui/badge";
import { CodeWords } from "@/ui/code-words";
import { CodeLine } from "@/ui/copy";
import { Section, useTitle } from "@/ui/page";
import { Failure, SkeletonRows } from "@/ui/states";

const TONES = { ok: "good", degraded: "amber", down: "bad" } as const;

export function ModelsPage() {
  useTitle("Models");
  const models = useModels();
  if (models.isPending) return <SkeletonRows what="the models" rows={3} />;
  if (models.isError)
    return <Failure error={models.error} what="the models" retry={() => models.refetch()} />;
  return <Known models={models.data} />;
}

function Known({ models }: { models: Models }) {
  const { chat, embedding, usage } = models;
  return (
    <>
      <Section title="Answers">
        <p className="flex items-center gap-2">
          <Dot tone={TONES[chat.status]} />
          {chat.provider === "ollama"
            ? `Written by ${chat.model ?? "a model"} at ${chat.url}`
            : "Quoted: the best supported sentences of your documents, word for word"}
        </p>
        <p className="mt-1 text-ink-2">{chat.detail}</p>
        {chat.action && (
          <p className="mt-1">
            <CodeWords>{chat.action}</CodeWords>
          </p>
        )}
        {(chat.provider !== "ollama" || chat.status !== "ok") && <AddOllama url={chat.url} />}
      </Section>
      <Section title="Search">
        <p className="flex items-center gap-2">
          <Dot tone={TONES[embedding.status]} />
          {embedding.model}, {format(embedding.dimension)} dimensions
        </p>
        <p className="mt-1 text-ink-2">It runs inside Coxswain; your documents never leave this machine.</p>
      </Section>
      <Section title="Use in the last 30 days">
        <dl className="flex flex-wrap gap-x-12 gap-y-4">
          {(
            [
              ["Answers", usage.answers],
              ["Tokens read", usage.prompt_tokens],
              ["Tokens written", usage.completion_tokens],
            ] as const
          ).map(([name, value]) => (
            <div key={name}>
              <dt className="text-ink-3">{name}</dt>
              <dd className="font-serif text-lg tabular">{format(value)}</dd>
            </div>
          ))}
        </dl>
      </Section>
    </>
  );
}

function AddOllama({ url }: { url: string | null | undefined }) {
  return (
    <div className="mt-6 max-w-160">
      <h3 className="mb-1 font-medium">Let a local model write the answers</h3>
      <p className="mb-3 text-ink-2">
        Coxswain talks to Ollama on your own machine; nothing is sent anywhere else. Answers keep their
        sources either way.
      </p>
      <ol className="flex list-decimal flex-col gap-3 pl-5">
        <li>Install Ollama from ollama.com on the machine that runs Coxswain.</li>
        <li>
          Fetch a model:
          <CodeLine text="ollama pull llama3.2" what="the command" />
        </li>
        <li>
          Coxswain looks for it at {url ?? "http://127.0.0.1:11434"} and begins to use it by itself. Another
          address or model goes into coxswain.toml, under <code>ollama</code>.
        </li>
      </ol>
    </div>
  );
}
