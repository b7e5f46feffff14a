import { Link } from "@tanstack/react-router";
import type { useVersions } from "@/api/knowledge";
import type { Document, DocumentVersion } from "@/api/types";
import { bytes } from "@/lib/count";
import { sizeOf, stageOf } from "@/lib/stage";
import { Badge } from "@/ui/badge";
import { OutLink } from "@/ui/button";
import { More } from "@/ui/more";
import { Section } from "@/ui/page";
import { Failure } from "@/ui/states";
import { Time } from "@/ui/time";

interface VersionsProps {
  document: Document;
  versions: ReturnType<typeof useVersions>;
  shown: DocumentVersion;
}

export function Versions({ document, versions, shown }: VersionsProps) {
  return (
    <Section
      title="Versions"
      lead="Answers use the newest version that could be read. Older ones are kept as they were quoted."
    >
      {versions.isError && (
        <Failure error={versions.error} what="the versions" retry={() => versions.refetch()} />
      )}
      <ul className="divide-y divide-line border-y border-line">
        {versions.items.map((version) => (
          <li key={version.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2.5">
            <span className="flex w-36 items-center gap-2">
              Version {version.number}
              {version.active && <Badge tone="good">Answers</Badge>}
            </span>
            <span className="min-w-0 flex-1 basis-60 text-ink-2">
              <span className="block truncate">{version.file_name}</span>
              <span className="text-ink-3">
                {[bytes(version.bytes), sizeOf(version), !version.active && stageOf(version).words]
                  .filter(Boolean)
                  .join(" · ")}
              </span>
            </span>
            <span className="text-ink-3">
              <Time at={version.created_at} />
            </span>
            <span className="flex gap-4">
              {version.id === shown.id ? (
                <span className="text-ink-3">Shown above</span>
              ) : (
                <Link
                  to="/knowledge/documents/$id"
                  params={{ id: document.id }}
                  search={{ version: version.id }}
                  className="text-accent underline underline-offset-2"
                >
                  Show
                </Link>
              )}
              <OutLink href={`/api/v1/documents/${document.id}/file?version_id=${version.id}`}>
                Download
              </OutLink>
            </span>
          </li>
        ))}
      </ul>
      <More query={versions} what="versions" />
    </Section>
  );
}
