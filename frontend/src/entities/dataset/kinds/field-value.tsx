import { useApiLink } from "@/lib/api/address";
import { cn } from "@/lib/cn";

/** One file among the media of a data set. */
interface Media {
  sha256: string;
  type: string;
}

interface FieldValueProps {
  name: string;
  value: unknown;
  datasetId?: string;
  /** In a line of a list. */
  isSmall?: boolean;
}

/** A value as it can be shown: a picture, a text, or what else there is as JSON. */
export function FieldValue({ name, value, datasetId, isSmall = false }: FieldValueProps) {
  const linkTo = useApiLink();
  if (isMedia(value)) {
    if (!datasetId || !value.type.startsWith("image/")) return value.type;
    const address = linkTo(`/api/datasets/${encodeURIComponent(datasetId)}/media/${value.sha256}?thumbnail=true`);
    // eslint-disable-next-line @next/next/no-img-element -- it comes from the API, which has made it small
    return <img src={address} alt={name} loading="lazy" className={cn("rounded-sm border object-contain", isSmall ? "h-6" : "max-h-48")} />;
  }
  return plainText(value);
}

export function plainText(value: unknown): string {
  if (typeof value === "string") return value;
  return Array.isArray(value) && value.every((one) => typeof one === "string") ? value.join(", ") : JSON.stringify(value);
}

function isMedia(value: unknown): value is Media {
  if (typeof value !== "object" || value === null) return false;
  const { sha256, type } = value as Partial<Media>;
  return typeof sha256 === "string" && typeof type === "string";
}
