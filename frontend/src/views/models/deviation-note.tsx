import { useLocale } from "next-intl";

import type { DeploymentOut } from "@/lib/api/generated/types.gen";

/** What has become of a tuned model since its checks, and what to do. */
export function DeviationNote({ deployment: { deviation } }: { deployment: DeploymentOut }) {
  const locale = useLocale();
  if (!deviation) return null;
  return (
    <p role="status" className="mb-3 rounded-md bg-caution-soft px-3 py-2 text-pretty text-caution">
      {deviation[locale]}
    </p>
  );
}
