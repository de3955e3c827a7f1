import type { Route } from "next";
import type { ReactNode } from "react";

import { Link } from "./link";
import { ROW_LINK } from "./row-walk";

/** A name whose link covers its whole row, which has to be placed. */
export function RowLink({ href, children }: { href: Route; children: ReactNode }) {
  return (
    <Link
      {...ROW_LINK}
      href={href}
      className="block truncate font-medium outline-none after:absolute after:inset-0 after:-outline-offset-2 focus-visible:after:outline-2 focus-visible:after:outline-ai"
    >
      {children}
    </Link>
  );
}
