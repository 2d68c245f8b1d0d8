using System.Collections.Immutable;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>What lies between the tree and the container's root: <c>--ephemeral</c>, <c>--pivot-root=</c>, <c>--volatile=</c>.</summary>
internal static class LayerSteps
{
    // A fixed number of bytes would be too small for some and too large for others; half is what tmpfs(5) gives anyone.
    private const string RunMemory = "mode=0755,size=50%,nr_inodes=1m";
    private const string BootMemory = "mode=0755,size=25%,nr_inodes=1m";

    /// <summary>In the run's directory on disk.</summary>
    private const string Directory = "root";

    /// <summary>At every boot: whoever undoes it for a killed launcher knows the last one only.</summary>
    public static IEnumerable<Step> OnHost(PlanInput input)
    {
        if (IsSnapshot(input))
        {
            yield return new SnapshotTree(RunPaths.SnapshotOf(input.Tree.Path, input.Machine, input.Host.RunId))
            {
                Reason = "--ephemeral: the tree stays as it is, and its snapshot lives as long as this run",
            };
        }

        ImmutableArray<string> directories = [.. OnDisk(input) ? [Directory] : (string[])[], .. CustomMountSteps.FreshDirectories(input)];
        if (!directories.IsEmpty)
        {
            yield return new MakeScratch(Scratch(input), directories)
            {
                Reason = OnDisk(input) ? "--ephemeral=disk" : "a fresh directory for --bind=:DST or --overlay=LOWER::DST",
                Owner = input.Root,
            };
        }
    }

    public static IEnumerable<Step> InTree(PlanInput input)
    {
        if (input.HasRunLayer && !input.Tree.HasLayer && !IsSnapshot(input))
        {
            string? path = OnDisk(input) ? $"{Scratch(input)}/{Directory}" : null;
            yield return new AddLayer(path, RunMemory, OptionsOf(input), Kept: true)
            {
                Reason = "--ephemeral: the tree stays as it is, and what is written lives as long as this run",
            };
        }

        if (input.Settings.PivotRoot is RootChange change)
        {
            yield return new PivotTree(change.New, change.Old) { Reason = "--pivot-root=" };
        }

        foreach (Step step in CustomMountSteps.OnRoot(input))
        {
            yield return step;
        }

        switch (input.Settings.Volatile)
        {
            case VolatileMode.Yes:
                yield return new KeepUsrOnly(BootMemory) { Reason = "--volatile=yes: of the tree /usr, and nothing else" };
                break;
            case VolatileMode.Overlay:
                yield return new AddLayer(null, BootMemory, OptionsOf(input), Kept: false)
                {
                    Reason = "--volatile=overlay: the tree stays as it is, and what is written lives as long as this boot",
                };
                break;
        }
    }

    /// <summary>When the tree has been made read-only.</summary>
    public static IEnumerable<Step> State(PlanInput input)
    {
        if (input.Settings.Volatile == VolatileMode.State)
        {
            yield return new Mount("tmpfs", "/var", MountFlags.StrictAtime, BootMemory) { Reason = "--volatile=state: an empty /var, and a tree that stays as it is" };
        }
    }

    /// <summary>What the run keeps on disk.</summary>
    public static string Scratch(PlanInput input) =>
        RunPaths.ScratchOf(input.Host.Temporary, input.Machine, input.Host.RunId);

    private static bool OnDisk(PlanInput input) => input.HasRunLayer && !IsSnapshot(input) && input.Settings.Ephemeral == EphemeralMode.Disk;

    // Writing to one costs no more than writing to the tree, and it takes no memory. Where it serves, disk means it too.
    private static bool IsSnapshot(PlanInput input) => input.HasRunLayer && input.Tree.IsSubvolume && input.Settings.Ephemeral != EphemeralMode.Memory;

    // Directories of the tree can be renamed, and files with several names keep them when they are written. A change of
    // owner or mode does not copy a file. Nothing is synced to disk that nobody will see after a crash. Inode numbers
    // grow beyond 32 bits where that makes them the file's for good, which 32-bit programs cannot take. Without root the
    // kernel trusts only marks that users may set, and none of what takes other ones.
    private static string OptionsOf(PlanInput input) =>
        (input.Host.IsRootless ? "userxattr,volatile,xino=" : "redirect_dir=on,index=on,metacopy=on,volatile,xino=") + (input.Tree.Is32Bit ? "off" : "auto");
}
