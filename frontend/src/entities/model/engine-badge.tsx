import { Badge } from "@/components/ui/badge";
import { useRecipeBook } from "@/entities/recipe/queries";

/** What an engine is called: that of a target, by the recipe that deploys to it. */
export function useEngineName(): (engine: string) => string {
  const book = useRecipeBook();
  return (engine) => book.target(engine)?.title.en ?? engine;
}

/** Which engine answers. */
export function EngineBadge({ engine }: { engine: string }) {
  const nameOf = useEngineName();
  return (
    <Badge className="font-normal">
      <span translate="no">{nameOf(engine)}</span>
    </Badge>
  );
}
