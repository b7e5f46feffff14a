import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { documentQuery, useVersions } from "@/api/knowledge";
import type { Document } from "@/api/types";
import { Page } from "@/ui/page";
import { Failure, Skeleton } from "@/ui/states";
import { DocumentActions } from "./document-actions";
import { DocumentFacts } from "./document-facts";
import { FlowingView } from "./flowing-view";
import { PagedView } from "./paged-view";
import { Versions } from "./versions";

export function DocumentPage() {
  const { id } = useParams({ from: "/inside/knowledge/documents/$id" });
  const document = useQuery(documentQuery(id));
  if (document.data) return <Known document={document.data} />;
  return (
    <Page title="Document" above={<Back />}>
      {document.isError ? (
        <Failure error={document.error} what="this document" retry={() => document.refetch()} />
      ) : (
        <div role="status" className="flex flex-col gap-3">
          <span className="sr-only">Reading the document</span>
          <Skeleton className="h-5 w-72 max-w-full" />
          <Skeleton className="h-96 w-full" />
        </div>
      )}
    </Page>
  );
}

function Back() {
  return (
    <Link to="/knowledge" className="mb-3 inline-flex items-center gap-1 text-ink-2 hover:text-ink">
      <ChevronLeft size={16} aria-hidden />
      Knowledge
    </Link>
  );
}

function Known({ document }: { document: Document }) {
  const navigate = useNavigate();
  const search = useSearch({ from: "/inside/knowledge/documents/$id" });
  const versions = useVersions(document.id);
  // What answers now is shown first; a version that is still being read has nothing to show.
  const shown =
    versions.items.find((version) => version.id === search.version) ??
    versions.items.find((version) => version.active) ??
    versions.items.find((version) => version.stage === "ready") ??
    document.version;
  const paged = document.kind.toLowerCase() === "pdf";
  return (
    <Page
      title={document.title}
      width="full"
      above={<Back />}
      action={<DocumentActions document={document} onDeleted={() => void navigate({ to: "/knowledge" })} />}
    >
      <DocumentFacts document={document} shown={shown} />
      {versions.isPending ? (
        <Skeleton className="h-96 w-full" />
      ) : paged ? (
        <PagedView key={shown.id} document={document} version={shown} />
      ) : (
        <FlowingView key={shown.id} document={document} version={shown} />
      )}
      <Versions document={document} versions={versions} shown={shown} />
    </Page>
  );
}
