using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>What keeps two containers from using a tree in ways that exclude each other.</summary>
public static class LockSteps
{
    /// <summary>The lock of a tree; null where trees are not locked.</summary>
    /// <param name="host">The host.</param>
    /// <param name="path">The directory or the image, links resolved.</param>
    /// <param name="what">What is there.</param>
    /// <param name="shared">Nothing of it is written.</param>
    public static LockTree? Of(HostFacts host, string path, FileStatus what, bool shared)
    {
        // The host itself uses its root, and nobody can keep it from doing so.
        if (!host.LocksTrees || path == "/")
        {
            return null;
        }

        int slash = path.LastIndexOf('/');
        // Of what is below /dev a file system of the kernel's or of memory is the only user: no file beside it.
        string? local = path.StartsWith("/dev/", StringComparison.Ordinal) ? null : $"{path[..slash]}/.#{path[(slash + 1)..]}.lck";
        string global = what.Type == FileType.BlockDevice ? $"block-{what.Major}:{what.Minor}" : $"inode-{what.Device}:{what.Inode}";
        return new LockTree(path, local, $"{RunPaths.Locks}/{global}", shared)
        {
            Reason = shared
                ? "nobody writes to the tree meanwhile, systemd-nspawn included"
                : "nobody else uses a tree that is written to, systemd-nspawn included",
        };
    }

    internal static LockTree? Of(PlanInput input) => input.Tree.Image is ImageFacts image
        ? Of(input.Host, input.Tree.Path, image.File, !image.Layout.IsWritten)
        : Of(input.Host, input.Tree.Path, input.Tree.Root, input.SparesTree);
}
