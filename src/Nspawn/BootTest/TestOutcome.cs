using Nspawn.Core;

namespace Nspawn;

/// <summary>All that is left of a machine under test.</summary>
/// <param name="End">How its last boot ended.</param>
/// <param name="Report">What was found out, with the verdict.</param>
/// <param name="Records">Its own words, as far as they were wanted.</param>
internal sealed record TestOutcome(BootEnd End, BootReport Report, IReadOnlyDictionary<RecordKind, byte[]> Records);
