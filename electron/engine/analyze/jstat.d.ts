/** The only part of jstat that is used; jstat ships no types. */
declare module 'jstat' {
  const library: {
    readonly jStat: {
      /** The chi-square distribution. */
      readonly chisquare: {
        /** P(X <= x) with `degreesOfFreedom`. */
        cdf(x: number, degreesOfFreedom: number): number
      }
    }
  }
  export default library
}
