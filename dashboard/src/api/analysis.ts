// An analysis as `GET /v1/issues/:id` gives it.
import type { Schemas } from "./client";

export type Analysis = Schemas["AnalysisShape"];
export type Attempt = NonNullable<Analysis["attempt"]>;
export type Action = Schemas["ActionShape"];
export type Evidence = Schemas["EvidenceShape"];
export type Hypothesis = Schemas["HypothesisShape"];
export type Claim = Schemas["ClaimShape"];
export type Change = Schemas["ChangeShape"];
