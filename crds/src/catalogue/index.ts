export { type AzureEndpoint, isAzureHost, readAzureEndpoint } from './azure-endpoint.ts';
export type { Catalogue, CatalogueModel, ProviderVariables } from './catalogue-schema.ts';
export { findModel, hasEnded, isKnownModel, type KnownModel, type ModelPlace, usualModel } from './find-model.ts';
export { type FindResult, findProviders, type Settings } from './find-providers.ts';
export type { FoundProvider } from './found-provider.ts';
export { CATALOGUE } from './generated/catalogue-data.ts';
export { ollamaUrl } from './ollama-url.ts';
export { type KnownPrices, type PricedPlace, type Prices, pricesOf } from './prices-of.ts';
export { type EnvironmentProviders, KEY_VARIABLES, providersFromEnvironment } from './providers-from-environment.ts';
