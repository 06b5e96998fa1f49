/** The one thing that we take from jstat, which brings no types of its own. */
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
