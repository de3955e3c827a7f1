import { Loading, Skeleton } from "@/components/ui/skeleton";

/** As high as rows that will come. */
export function TrainingSkeleton() {
  return (
    <Loading>
      {Array.from({ length: 6 }, (_, index) => (
        <div key={index} className="flex h-12 items-center gap-4 border-b px-3 last:border-b-0">
          <Skeleton className="size-4" />
          <Skeleton className="w-52 max-w-1/3" />
          <Skeleton className="w-16" />
          <Skeleton className="ml-auto hidden w-40 md:block" />
          <Skeleton className="hidden w-24 md:block" />
        </div>
      ))}
    </Loading>
  );
}
