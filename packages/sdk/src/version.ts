/** Version of the contracts: what a plugin's `"cultivar": { "engine": "^0.1.0" }` is held against. */
export const contractVersion = '0.1.0';
