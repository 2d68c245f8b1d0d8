using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>A disk image that a tree is in.</summary>
/// <param name="File">The file or block device.</param>
/// <param name="Layout">What of it is mounted where.</param>
public sealed record ImageFacts(FileStatus File, ImageLayout Layout)
{
    /// <summary>The root can only be read; what is mounted in it may be written all the same.</summary>
    public bool HasReadOnlyRoot => Layout.Mounts is [{ Role: PartitionRole.Root, ReadOnly: true }, ..];
}
