using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>One thing that a boot test decided on; what the formats for test results list.</summary>
/// <param name="Name">The same in every run, so that a reader can follow it.</param>
/// <param name="Outcome">How it went.</param>
/// <param name="Time">How long it took; null: nobody knows.</param>
/// <param name="Message">Why it did not pass, in a line; empty where it did.</param>
/// <param name="Details">What is to be said about that, line by line.</param>
/// <param name="Output">What it wrote: the end of the journal, the console or a check's output.</param>
internal sealed record BootCase(
    string Name, BootOutcome Outcome, TimeSpan? Time, string Message, ImmutableArray<string> Details, ImmutableArray<string> Output);

internal enum BootOutcome
{
    Passed,
    Failed,

    /// <summary>It could not even be tried.</summary>
    Error,

    /// <summary>It failed and may, or it has no meaning for this guest.</summary>
    Skipped,
}
