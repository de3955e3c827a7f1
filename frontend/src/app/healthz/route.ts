export const dynamic = "force-dynamic";

/** For the supervisor: the server of the pages works. */
export function GET(): Response {
  return new Response(null, { status: 204 });
}
