import { useTranslations } from "next-intl";

import { CodeBlock } from "@/components/ui/code-block";
import { Dialog } from "@/components/ui/dialog";
import { Tabs } from "@/components/ui/tabs";
import { useSession, useSystem } from "@/entities/system/queries";
import { useApiUrl } from "@/lib/api/address";
import type { JobCreate } from "@/lib/api/generated/types.gen";

import { cliCommand, curlCommand, jobFile, jobFileCommand } from "./commands";

/** The same training from a shell, three ways. */
export function CopyDialog({ request, onClose }: { request: JobCreate; onClose: () => void }) {
  const t = useTranslations("newTraining.copy");
  const apiUrl = useApiUrl();
  const session = useSession();
  const system = useSystem();
  const dataDir = system.data?.disk.data_dir ?? null;
  const secured = session.data?.token_required ?? false;
  const lacks = request.dataset_id ? null : <p className="mb-2 text-caution">{t("noDataset")}</p>;
  const tabs = [
    {
      value: "curl" as const,
      label: t("curl"),
      panel: <Way note={t(secured ? "curlSecured" : "curlNote")} code={curlCommand(request, apiUrl, secured)} />,
    },
    { value: "cli" as const, label: t("cli"), panel: <Way note={t("cliNote")} code={cliCommand(request, dataDir)} /> },
    {
      value: "yaml" as const,
      label: t("yaml"),
      panel: (
        <div className="grid gap-2">
          <Way note={t("yamlNote")} code={jobFile(request)} title={t("yamlFile")} />
          <CodeBlock code={jobFileCommand(dataDir)} wrap />
        </div>
      ),
    },
  ];
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("title")} description={t("description")} wide>
      {lacks}
      <Tabs label={t("title")} tabs={tabs} />
    </Dialog>
  );
}

function Way({ note, code, title }: { note: string; code: string; title?: string }) {
  return (
    <div>
      <p className="mb-2 text-xs text-ink-2">{note}</p>
      <CodeBlock code={code} title={title} wrap />
    </div>
  );
}
