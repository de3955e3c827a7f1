import { Loading, Skeleton } from "@/components/ui/skeleton";

/** Holds the place of so many lines. */
export function WaitingLines({ count }: { count: number }) {
  return (
    <Loading className="divide-y border-t">
      {Array.from({ length: count }, (_, line) => (
        <div key={line} className="flex h-8 items-center justify-between px-3.5">
          <Skeleton className="h-3.5 w-24" />
          <Skeleton className="h-3.5 w-16" />
        </div>
      ))}
    </Loading>
  );
}
