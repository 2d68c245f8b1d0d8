using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Of which address families sockets can be made.</summary>
/// <param name="Only">These alone; else all but these.</param>
/// <param name="Families">AF_ numbers, in order.</param>
public sealed record AddressFamilies(bool Only, ImmutableSortedSet<int> Families);
