import { useTranslations } from "next-intl";

import { Card } from "@/components/ui/card";
import { Fact, FactList } from "@/components/ui/fact-list";
import type { JobDetail } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

const FACTS = ["precision", "system", "length", "tensors", "rows", "rows_alike", "largest_difference", "coremltools"] as const;

/** What has been proved of a Core ML package, and that no Apple device has run it. */
export function CoremlCard({ job }: { job: JobDetail }) {
  const t = useTranslations("job.coreml");
  const { metric } = useFormat();
  const body = job.reports["coreml"] ?? {};
  const written = (value: unknown) => (typeof value === "number" && !Number.isInteger(value) ? metric(value) : String(value));
  return (
    <Card title={t("title")}>
      <p className="pb-2 text-pretty text-caution">{t("notRun")}</p>
      <FactList>
        {FACTS.filter((name) => body[name] !== undefined).map((name) => (
          <Fact key={name} name={t(`facts.${name}`)}>
            {written(body[name])}
          </Fact>
        ))}
      </FactList>
    </Card>
  );
}
