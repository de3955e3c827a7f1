import { type NextRequest, NextResponse } from "next/server";

import { apiUrlFor, NONCE_HEADER } from "@/lib/api/visitor";
import { contentSecurityPolicy } from "@/lib/csp";

const NONCE_BYTES = 16;
const POLICY = "Content-Security-Policy";

/** Every page has a policy with a nonce of its own. Next.js reads it from the request and puts it on its scripts. */
export function proxy(request: NextRequest): NextResponse {
  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(NONCE_BYTES))).toString("base64");
  const policy = contentSecurityPolicy({
    nonce,
    apiUrl: apiUrlFor(request.headers),
    isDevelopment: process.env.NODE_ENV === "development",
  });
  const headers = new Headers(request.headers);
  headers.set(NONCE_HEADER, nonce);
  headers.set(POLICY, policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set(POLICY, policy);
  return response;
}

/** Files of the build are neither pages nor answers to anybody in particular. */
export const config = { matcher: "/((?!_next/static|healthz|favicon.ico|icon.svg).*)" };
