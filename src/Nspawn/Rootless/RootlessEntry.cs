using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>
/// An ordinary user's launch. A process with several threads cannot enter a user namespace, and the runtime has several
/// before <c>Main</c> begins: so the launcher makes one in which the user is root, and is executed again in it, in its own
/// place, by nsenter(1). What follows is a launch by root, but for what <see cref="HostFacts.IsRootless"/> says.
/// </summary>
internal static class RootlessEntry
{
    /// <summary>Tells the program executed again which descriptor is left over, and the name it was called by.</summary>
    private const string Mark = "NSPAWN_ENTERED";

    /// <summary>The name the program was called by, and what has to be known before anything is read.</summary>
    public static string Begin(string calledAs)
    {
        string? mark = Environment.GetEnvironmentVariable(Mark);
        if (mark?.Split(':', 2) is [string number, string name] && int.TryParse(number, CultureInfo.InvariantCulture, out int descriptor) && Rootless.IsSo)
        {
            Processes.UnsetVariable(Mark);
            new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
            calledAs = name;
            ManagedEntry.Begin();
        }

        if (Processes.EffectiveUid != 0 || Rootless.IsSo)
        {
            string? directory = Rootless.RuntimeDirectory(Environment.GetEnvironmentVariable, Rootless.OuterUid());
            RunPaths.UseBelow(directory ?? "/nonexistent");
        }

        return calledAs;
    }

    /// <summary>A launch by an ordinary user goes on as root of a user namespace, with mounts of its own.</summary>
    /// <param name="calledAs">The name the program was called by.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="launch">What they alone ask for; null: no launch.</param>
    public static void BecomeRoot(string calledAs, IReadOnlyList<string> arguments, Settings? launch)
    {
        EnterUsers(calledAs, arguments, launch);
        if (Rootless.IsSo)
        {
            Namespaces.UnshareMounts(); // to come back to from the tree's: to the host's nobody of this namespace may
            ManagedEntry.ShowRuntimeDirectory();
        }
    }

    /// <summary>
    /// Executes the program again as root of a user namespace. Returns where it is root already. Its own launches and what it
    /// starts in their machines are of that namespace.
    /// </summary>
    /// <inheritdoc cref="BecomeRoot"/>
    public static void EnterUsers(string calledAs, IReadOnlyList<string> arguments, Settings? launch = null)
    {
        uint uid = Processes.EffectiveUid;
        string? runtimeDirectory = Rootless.RuntimeDirectory(Environment.GetEnvironmentVariable, Rootless.OuterUid());
        if (runtimeDirectory is null && (uid != 0 || Rootless.IsSo))
        {
            throw new LaunchException($"there is no place to keep a run's state: neither $XDG_RUNTIME_DIR nor /run/user/{uid}; log in, or set it to a directory of your own");
        }

        if (uid == 0)
        {
            return;
        }

        string program = Environment.ProcessPath ?? throw new LaunchException("the path of nspawn itself is not known: mount /proc");
        if (NamespaceBan.Read().Reason(program) is string ban)
        {
            throw new LaunchException(ban);
        }

        if (launch is not null && ManagedEntry.IsWanted(launch))
        {
            ManagedEntry.Enter(launch, runtimeDirectory!, program, Mark, calledAs, arguments);
        }

        using SafeFileHandle made = MakeNamespace(uid, Processes.EffectiveGid, program);
        Descriptors.LetInherit(made);
        Processes.SetVariable(Mark, $"{made.Fd()}:{calledAs}");
        Errno errno = Processes.BecomeProgram(
            "nsenter", ["nsenter", "--preserve-credentials", $"--user=/proc/self/fd/{made.Fd()}", "--", program, .. arguments]);
        throw new LaunchException($"cannot execute nsenter: {ErrnoText.Of(errno)}; install the package util-linux, or start nspawn as root");
    }

    /// <summary>
    /// The same for who only looks at a tree, if it is the user's own: its owners are those that a launch by the user shows, and
    /// what only they may read is read. Returns where that cannot be had, too.
    /// </summary>
    /// <param name="calledAs">The name the program was called by.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="tree">They name the tree.</param>
    public static void EnterUsersOf(string calledAs, IReadOnlyList<string> arguments, Settings tree)
    {
        uint uid = Processes.EffectiveUid;
        try
        {
            if (uid != 0 && FileStatus.At(ImageSearch.Find(tree).Path) is { Type: FileType.Directory } found && found.Uid == uid)
            {
                EnterUsers(calledAs, arguments);
            }
        }
        catch (LaunchException)
        {
            // It is looked at as the user may.
        }
    }

    private static SafeFileHandle MakeNamespace(uint uid, uint gid, string program)
    {
        string? name = UserDatabase.Find(uid.ToString(CultureInfo.InvariantCulture), Text("/etc/passwd"), () => "")?.Name;
        ImmutableArray<IdRange> uids = Ranges("/etc/subuid", name, uid), gids = Ranges("/etc/subgid", name, uid);
        using ChildProgram child = new();
        using Gate gate = new();
        child.DieWithParent();
        gate.Await(child); // for ever: it is killed there
        using Child holder = Start(child, program);
        try
        {
            if (uids.IsEmpty || gids.IsEmpty)
            {
                UserNamespaces.WriteOwnId(holder.Pid, uid, gid);
            }
            else
            {
                MapTool.Run("newuidmap", holder.Pid, SubordinateIds.Extents(uid, uids));
                MapTool.Run("newgidmap", holder.Pid, SubordinateIds.Extents(gid, gids));
            }

            return UserNamespaces.Open(holder.Pid);
        }
        finally
        {
            _ = Pidfd.Send(holder.Pidfd, Signal.Kill);
            _ = Pidfd.Wait(holder.Pidfd);
        }
    }

    private static Child Start(ChildProgram child, string program)
    {
        try
        {
            return Child.Start(child, CloneFlags.NewUser, cgroup: null, waitsForExec: false, sharesMemory: true);
        }
        catch (SyscallException failure)
        {
            string advice = failure.Errno switch
            {
                Errno.EPERM or Errno.EACCES => $"a security policy of this host forbids it (a system call filter, SELinux, AppArmor for {program}), or this is a chroot; start nspawn as root",
                Errno.ENOSPC or Errno.EUSERS => "there are too many; see sysctl user.max_user_namespaces",
                _ => "start nspawn as root",
            };
            throw new LaunchException($"cannot make a user namespace: {failure.Reason}: {advice}");
        }
    }

    private static ImmutableArray<IdRange> Ranges(string file, string? name, uint uid)
    {
        ImmutableArray<IdRange> ranges = SubordinateIds.Of(Text(file), name, uid, out int malformed);
        return malformed == 0
            ? ranges
            : throw new LaunchException($"{file}, line {malformed}: not NAME:START:COUNT; have it corrected");
    }

    private static string Text(string file) => HostFiles.Read(file) ?? "";
}
