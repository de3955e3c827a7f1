import { notFound } from "next/navigation";
import { connection } from "next/server";

import { Words } from "@/app/words";

/** Every primitive in every state, for those who build pages; not there in production. */
export default async function DevUiPage() {
  await connection();
  if (process.env.NODE_ENV === "production" && process.env.LLMLORA_DEV_PAGES !== "1") notFound();
  const { DevUiView } = await import("@/views/dev-ui/dev-ui-view");
  return (
    <Words of="/dev/ui">
      <DevUiView />
    </Words>
  );
}
