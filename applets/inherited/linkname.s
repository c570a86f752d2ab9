// The compiler takes functions without a body, which are the runtime's, only
// in packages that have assembly.
