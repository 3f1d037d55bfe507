// Ink imports the developer tools only when DEV is set; the recovery medium has none.
export default { connectToDevTools(): void {} };
