import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCan } from "@/api/account";
import { useBases, useDocuments, useFolders } from "@/api/knowledge";
import type { KnowledgeSearch } from "@/app/search";
import { Button } from "@/ui/button";
import { More } from "@/ui/more";
import { Page } from "@/ui/page";
import { Empty, Failure, SkeletonRows } from "@/ui/states";
import { AddMenu, SampleButton, UploadButton } from "./add-documents";
import { DocumentRow } from "./document-row";
import { DropZone } from "./drop-zone";
import { Filters } from "./filters";
import { useTarget } from "./use-target";

export function KnowledgePage() {
  const search = useSearch({ from: "/inside/knowledge" });
  const mayEdit = useCan("edit_knowledge");
  const target = useTarget(search);
  const documents = useDocuments(search);
  const bases = useBases();
  const filtered = Boolean(search.q || search.stage || search.folder || search.base);
  // Before the first document there is nothing to filter, and the empty page carries the actions.
  const begun = filtered || documents.items.length > 0 || (bases.data?.length ?? 0) > 1;
  return (
    <Page
      title="Knowledge"
      lead="What your coach answers from, and what is still being read."
      action={mayEdit && begun && <AddMenu target={target} />}
    >
      {mayEdit && <DropZone into={target.name} onFiles={target.addFiles} />}
      {begun && <Filters search={search} />}
      {documents.isPending ? (
        <SkeletonRows what="your documents" />
      ) : documents.isError && !documents.items.length ? (
        <Failure error={documents.error} what="your documents" retry={() => documents.refetch()} />
      ) : documents.items.length ? (
        <DocumentList search={search} documents={documents} />
      ) : (
        <NoDocuments search={search} target={target} />
      )}
    </Page>
  );
}

function DocumentList({
  search,
  documents,
}: {
  search: KnowledgeSearch;
  documents: ReturnType<typeof useDocuments>;
}) {
  const bases = useBases();
  const folders = useFolders(search.base);
  const manyBases = (bases.data?.length ?? 0) > 1;
  return (
    <>
      <ul className="divide-y divide-line border-y border-line" aria-label="Documents">
        {documents.items.map((document) => (
          <DocumentRow
            key={document.id}
            document={document}
            place={
              folders.data?.find((folder) => folder.id === document.folder_id)?.name ??
              (manyBases && !search.base
                ? bases.data?.find((base) => base.id === document.knowledge_base_id)?.name
                : undefined)
            }
          />
        ))}
      </ul>
      <More query={documents} what="documents" />
    </>
  );
}

function NoDocuments({ search, target }: { search: KnowledgeSearch; target: ReturnType<typeof useTarget> }) {
  const mayEdit = useCan("edit_knowledge");
  const navigate = useNavigate({ from: "/knowledge" });
  if (search.q || search.stage || search.folder) {
    return (
      <Empty
        title="No document matches"
        action={
          <Button onClick={() => navigate({ search: { base: search.base } })}>Show all documents</Button>
        }
      >
        <p>Nothing here has that name, stage or folder.</p>
      </Empty>
    );
  }
  if (!mayEdit) {
    return <Empty title="Nothing here yet">Editors of your team can add documents.</Empty>;
  }
  return (
    <Empty
      title="Nothing to answer from yet"
      action={
        <>
          <UploadButton target={target} variant="primary" />
          <SampleButton target={target} />
        </>
      }
    >
      <p>
        Drop files anywhere on this page: PDF, Word, PowerPoint, EPUB, web pages, Markdown, text, a CSV of
        questions and answers, or SRT and VTT transcripts. Each answer will quote them word for word, with the
        page.
      </p>
      <p className="mt-2">Or look around first with a short handbook we wrote for this.</p>
    </Empty>
  );
}
