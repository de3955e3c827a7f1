import { PersonsName } from "@/components/ui/persons-name";
import { Link } from "@/components/ui/link";
import type { JobOut } from "@/lib/api/generated/types.gen";
import { jobPage } from "@/lib/routes";

import { ROW_LINK } from "./use-row-keys";

/** The name, whose link covers its whole row. */
export function RowLink({ job }: { job: JobOut }) {
  return (
    <Link
      {...{ [ROW_LINK]: "" }}
      href={jobPage(job.id)}
      className="block truncate font-medium outline-none after:absolute after:inset-0 after:-outline-offset-2 focus-visible:after:outline-2 focus-visible:after:outline-ai"
    >
      <PersonsName>{job.name}</PersonsName>
    </Link>
  );
}
