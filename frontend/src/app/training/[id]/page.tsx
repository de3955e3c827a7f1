import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { FirstAnswers, nameFor } from "@/app/first-answers";
import { Words } from "@/app/words";
import { jobDetailOptions } from "@/entities/job/queries";
import { jobReads } from "@/views/job/reads";
import { JobView } from "@/views/job/job-view";

export async function generateMetadata({ params }: PageProps<"/training/[id]">): Promise<Metadata> {
  const { id } = await params;
  const t = await getTranslations("nav.pages");
  return { title: (await nameFor((client) => client.query(jobDetailOptions(id)))) ?? t("training") };
}

export default async function JobPage({ params }: PageProps<"/training/[id]">) {
  const { id } = await params;
  return (
    <FirstAnswers reads={jobReads(id)}>
      <Words of="/training/[id]">
        <JobView id={id} />
      </Words>
    </FirstAnswers>
  );
}
