import { getTranslations } from "next-intl/server";

import { Page } from "@/components/layout/page";
import { Section } from "@/components/ui/card";
import { ButtonSpecimens } from "./button-specimens";
import { ChoiceSpecimens } from "./choice-specimens";
import { InputSpecimens } from "./input-specimens";
import { LayerSpecimens } from "./layer-specimens";
import { StateSpecimens } from "./state-specimens";
import { StatusSpecimens } from "./status-specimens";
import { TableSpecimens } from "./table-specimens";
import { TypeSpecimens } from "./type-specimens";

const SECTIONS = [
  ["type", TypeSpecimens],
  ["buttons", ButtonSpecimens],
  ["inputs", InputSpecimens],
  ["choices", ChoiceSpecimens],
  ["layers", LayerSpecimens],
  ["status", StatusSpecimens],
  ["tables", TableSpecimens],
  ["states", StateSpecimens],
] as const;

export async function DevUiView() {
  const t = await getTranslations("devUi");
  return (
    <Page title={t("title")} description={t("description")}>
      <div className="grid gap-8">
        {SECTIONS.map(([name, Specimens]) => (
          <Section key={name} title={t(`sections.${name}`)}>
            <Specimens />
          </Section>
        ))}
      </div>
    </Page>
  );
}
