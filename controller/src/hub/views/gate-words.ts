import type { Objective } from '@dark-carnival/crds';
import { type ForecastWords, forecastWords } from '@dark-carnival/crds/text';
import type { PlanView } from './plan-view.ts';

/** The forecast of the plan beside what is left of the budget, where the Objective asks. */
export function gateWords({ spec, status }: Objective, view: PlanView): ForecastWords | undefined {
  const request = status?.approvalRequest;
  if (!request) return undefined;
  // The plan knows whose price is missing; the request has numbers only.
  const forecast = view.state === 'verified' ? view.plan.forecast : request.forecast;
  return forecastWords(forecast, spec?.budget, status?.usage);
}
