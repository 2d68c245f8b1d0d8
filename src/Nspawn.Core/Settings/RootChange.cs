namespace Nspawn.Core;

/// <summary><c>--pivot-root=</c>: another directory of the tree becomes the container's root.</summary>
/// <param name="New">The directory.</param>
/// <param name="Old">Where in it the tree appears then, if anywhere.</param>
public sealed record RootChange(string New, string? Old);
