import { Card } from "@/components/ui/card";
import { Loading, Skeleton } from "@/components/ui/skeleton";

import { COLUMNS } from "./columns";

/** The form's shape before its data is there. */
export function FormSkeleton() {
  return (
    <Loading className={COLUMNS}>
      <Card>
        <div className="grid gap-4">
          {["base", "dataset"].map((field) => (
            <div key={field} className="grid gap-1.5">
              <Skeleton className="w-24" />
              <Skeleton className="h-8" />
              <Skeleton className="w-56" />
            </div>
          ))}
          <Skeleton className="h-7 w-52" />
          <Skeleton className="h-14" />
          <Skeleton className="h-8 w-72" />
        </div>
      </Card>
      <div className="grid content-start gap-3">
        <ForecastPlace />
        <LedgerPlace />
      </div>
    </Loading>
  );
}

export function ForecastPlace() {
  return (
    <Card>
      <Skeleton className="h-64" />
    </Card>
  );
}

/** As tall as what becomes of the rows usually is; it stands last, so that nothing moves when it comes. */
export function LedgerPlace() {
  return (
    <Card>
      <Skeleton className="h-24" />
    </Card>
  );
}
