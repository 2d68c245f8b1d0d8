using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// An ordinary user's launch with ids that the user has no part in: systemd-nsresourced gives them, and the launcher is
/// executed again as their root, who may open nothing that is the user's alone. So the tree and the directory for what the
/// run keeps are mounted for it beforehand, by systemd-mountfsd, and handed down as descriptors.
/// </summary>
internal static class ManagedEntry
{
    /// <summary>Tells the program executed again the descriptors of the tree and of the runtime directory, and the tree's path.</summary>
    private const string Mark = "NSPAWN_MANAGED";

    private const string RuntimeVariable = "XDG_RUNTIME_DIR";
    private const string Instead = "leave it out: the container's users are you and your sub-ids then";

    /// <summary>The tree that was mounted for this launcher; null: none was.</summary>
    public static (SafeFileHandle Mount, string Path)? Tree { get; private set; }

    private static SafeFileHandle? s_runtime;

    /// <summary>What was handed down, in the program executed again.</summary>
    public static void Begin()
    {
        if (Environment.GetEnvironmentVariable(Mark)?.Split(':', 3) is [string tree, string runtime, string path]
            && int.TryParse(tree, CultureInfo.InvariantCulture, out int treeNumber) && int.TryParse(runtime, CultureInfo.InvariantCulture, out int runtimeNumber))
        {
            Processes.UnsetVariable(Mark);
            Tree = (Taken(treeNumber), path);
            s_runtime = Taken(runtimeNumber);
        }
    }

    /// <summary>In the launcher's own mount namespace: the user's runtime directory becomes that of its root.</summary>
    public static void ShowRuntimeDirectory()
    {
        if (s_runtime is not null && Environment.GetEnvironmentVariable(RuntimeVariable) is string path)
        {
            using SafeFileHandle place = Descriptors.Open(path, OpenMode.Path | OpenMode.Directory);
            Mounts.Attach(s_runtime, place, path);
            s_runtime.Dispose();
            s_runtime = null;
        }
    }

    /// <summary>Managed ids were asked for, or the tree can be had in no other way and they can.</summary>
    public static bool IsWanted(Settings settings) =>
        settings.PrivateUsers == PrivateUsersMode.Managed
        || (settings is { PrivateUsers: PrivateUsersMode.No, Image: null, Template: null, CleanUp: false }
            && FileStatus.At(ImageSearch.Find(settings).Path) is { Type: FileType.Directory, Uid: PrivateUsersSyntax.ForeignBase }
            && ManagedUsers.HasNamespaceResource() && ManagedUsers.HasMountFileSystem());

    /// <summary>Adds what is implied: systemd-nspawn's choices for such a container.</summary>
    public static Settings Complete(Settings settings)
    {
        if (Tree is null && settings.PrivateUsers == PrivateUsersMode.Managed && Rootless.IsSo)
        {
            throw new LaunchException("--private-users=managed has to be said before anything is read: on the command line, not in a settings file");
        }

        return Tree is null ? settings : settings with { PrivateUsers = PrivateUsersMode.Managed, PrivateNetwork = true };
    }

    /// <summary>Executes the program again as root of ids that were set apart for it. Does not return.</summary>
    public static void Enter(Settings settings, string runtimeDirectory, string program, string mark, string calledAs, IReadOnlyList<string> arguments)
    {
        Check(settings);
        TreeSource source = OpenTree.SourceOf(settings);
        using SafeFileHandle made = IdMaps.Make(pid =>
        {
            using SafeFileHandle users = UserNamespaces.Open(pid);
            NamespaceResource.AllocateRange(users, RunPaths.CgroupPrefix + Guid.NewGuid().ToString("N")[..8]);
        });
        using SafeFileHandle tree = Mount(source.Path, made, settings.Ownership == OwnershipMode.Foreign ? "foreign" : "auto");
        using SafeFileHandle runtime = Mount(runtimeDirectory, made, "root");
        foreach (SafeFileHandle one in (ReadOnlySpan<SafeFileHandle>)[made, tree, runtime])
        {
            Descriptors.LetInherit(one);
        }

        Processes.SetVariable(mark, $"{made.Fd()}:{calledAs}");
        Processes.SetVariable(Mark, $"{tree.Fd()}:{runtime.Fd()}:{source.Path}");
        Processes.SetVariable(RuntimeVariable, runtimeDirectory);
        Errno errno = Processes.BecomeProgram("nsenter", ["nsenter", $"--user=/proc/self/fd/{made.Fd()}", "--", program, .. arguments]);
        throw new LaunchException($"cannot execute nsenter: {ErrnoText.Of(errno)}; install the package util-linux, or start nspawn as root");
    }

    private static void Check(Settings settings)
    {
        string? refusal = settings switch
        {
            { Image: string image } => $"--image={image} with --private-users=managed takes root: unpack it into a directory, for the user {PrivateUsersSyntax.ForeignBase}",
            { Template: not null } => "--template= would have to be copied for another user: use --private-users=managed with the copy",
            { Ownership: OwnershipMode.Chown or OwnershipMode.Map or OwnershipMode.Off } =>
                "--private-users=managed without root shows the tree as systemd-mountfsd does: leave out --private-users-ownership=, or use foreign",
            { Ephemeral: EphemeralMode.Disk } => "--ephemeral=disk would leave files of ids that are given to others: use --ephemeral=memory",
            _ => null,
        };
        if (refusal is not null)
        {
            throw new LaunchException(settings.Origins.Name(refusal));
        }

        // Nobody but the user may read it, and what it says must not be left out silently.
        if (SettingsFileReader.Candidates(settings) is [.., { Path: var beside }] && FileStatus.At(beside) is not null)
        {
            throw new LaunchException($"the settings file {beside} is not read with --private-users=managed: give its options on the command line, with --settings=no");
        }

        if (!ManagedUsers.HasNamespaceResource())
        {
            throw new LaunchException(ManagedUsers.Missing(ManagedUsers.NamespaceResourceSocket, Instead));
        }

        if (!ManagedUsers.HasMountFileSystem())
        {
            throw new LaunchException(ManagedUsers.Missing(ManagedUsers.MountFileSystemSocket, Instead));
        }
    }

    private static SafeFileHandle Taken(int number)
    {
        using SafeFileHandle inherited = new(number, ownsHandle: true);
        return Descriptors.Duplicate(inherited); // which no child inherits
    }

    private static SafeFileHandle Mount(string path, SafeFileHandle users, string mode)
    {
        using SafeFileHandle directory = Descriptors.TryOpen(path, OpenMode.Read | OpenMode.Directory, out Errno errno)
            ?? throw new LaunchException($"cannot open {path}: {ErrnoText.Of(errno)}");
        return MountFileSystem.MountDirectory(directory, path, users, mode, readOnly: false);
    }
}
