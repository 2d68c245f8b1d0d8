using Nspawn.Core;

namespace Nspawn;

/// <summary>
/// What the plan took for a fact turned out otherwise, nothing of the payload has run yet, and another plan may do:
/// asking beforehand would cost every launch more than being wrong costs few.
/// </summary>
/// <param name="correct">The facts as they are.</param>
internal sealed class PlanRefuted(Func<HostFacts, HostFacts> correct) : Exception
{
    public HostFacts Correct(HostFacts facts) => correct(facts);
}
