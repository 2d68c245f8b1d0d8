using Microsoft.Win32.SafeHandles;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>The calls by what they do for the container, each compiled to the system calls that do it.</summary>
public sealed unsafe partial class ChildProgram
{
    private const int PR_SET_PDEATHSIG = 1;
    private const int PR_SET_DUMPABLE = 4;
    private const int PR_SET_KEEPCAPS = 8;
    private const int PR_SET_NAME = 15;
    private const int PR_CAPBSET_DROP = 24;
    private const int PR_SET_NO_NEW_PRIVS = 38;
    private const int PR_CAP_AMBIENT = 47;
    private const int PR_CAP_AMBIENT_RAISE = 2;
    private const int KEYCTL_JOIN_SESSION_KEYRING = 1;
    private const int CLOSE_RANGE_CLOEXEC = 4;
    private const uint _LINUX_CAPABILITY_VERSION_3 = 0x20080522;

    /// <summary>Dead when the thread that cloned it is. To be said again after another user was become; prctl(2).</summary>
    public void DieWithParent() => Call(LibC.SYS_prctl, PR_SET_PDEATHSIG, LibC.SIGKILL);

    /// <summary>The first calls of every child: back to default signals, all of them blocked or none.</summary>
    public void BeginProcess(bool blocksSignals)
    {
        nint defaultAction = Bytes(32);
        for (int signal = 1; signal <= LibC.SIGRTMAX; signal++)
        {
            if (signal is LibC.SIGKILL or LibC.SIGSTOP)
            {
                continue; // nobody can: and before it waits for its caller no call of a child may fail
            }

            // A signal ignored by whoever called the launcher stays ignored across clone and exec.
            CallIfPossible(LibC.SYS_rt_sigaction, signal, defaultAction, 0, 8);
        }

        Call(LibC.SYS_rt_sigprocmask, LibC.SIG_SETMASK, Struct(blocksSignals ? ulong.MaxValue : 0), 0, 8);
    }

    /// <summary>A signal that does not end the child, nor what it executes.</summary>
    public void Ignore(int signal) =>
        Call(LibC.SYS_rt_sigaction, signal, Array<nint>([LibC.SIG_IGN, 0, 0, 0]), 0, 8);

    /// <summary>Waits until a byte comes on the descriptor; the end of the file ends the child.</summary>
    public void Await(SafeFileHandle gate) =>
        Call(OnFailure.StopAtZero, -1, LibC.SYS_read, gate.Fd(), Bytes(1), 1);

    /// <summary>Sleeps until nobody can write into the pipe any more.</summary>
    public void AwaitHangUp(SafeFileHandle readEnd) =>
        Call(LibC.SYS_poll, Struct(new LibC.pollfd { fd = readEnd.Fd() }), 1, -1);

    public void Close(SafeFileHandle handle) => Call(LibC.SYS_close, handle.Fd());

    /// <summary>The name ps(1) shows.</summary>
    public void SetName(string name) => CallIfPossible(LibC.SYS_prctl, PR_SET_NAME, Text(name));

    /// <summary>Puts an open file under a number of its own choosing, to be inherited.</summary>
    public void ReplaceDescriptor(SafeFileHandle handle, int number)
    {
        Call(LibC.SYS_dup2, handle.Fd(), number);
        Call(LibC.SYS_fcntl, number, LibC.F_SETFD, 0);
    }

    /// <summary>Executes an open file, whatever has become of its path; execveat(2). The environment is empty.</summary>
    public void ExecuteDescriptor(SafeFileHandle program, IReadOnlyList<string> arguments) =>
        Call(LibC.SYS_execveat, program.Fd(), Text(""), TextArray(arguments), TextArray([]), LibC.AT_EMPTY_PATH);

    /// <summary>Enters namespaces of a process, all or none of them; setns(2). That of processes is for children only.</summary>
    public void EnterNamespaces(SafeFileHandle pidfd, CloneFlags flags) =>
        Call(LibC.SYS_setns, pidfd.Fd(), (nint)(ulong)flags);

    /// <summary>A directory becomes the root and the working directory.</summary>
    public void EnterRoot(SafeFileHandle root)
    {
        Call(LibC.SYS_fchdir, root.Fd());
        Call(LibC.SYS_chroot, Text("."));
    }

    /// <summary>Until a program is executed nobody without privileges over it looks into the child; prctl(2).</summary>
    public void HideMemory() => Call(LibC.SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);

    /// <summary>
    /// What follows happens in a child of the launcher's beside this one, with memory of its own, and with the standard
    /// descriptors and nothing else open: the first process that others in the namespace of processes entered can see.
    /// </summary>
    public void GoOnInSibling()
    {
        _sibling = (nint*)Bytes(sizeof(nint));
        Call(Sibling, (nint)_sibling);
    }

    /// <summary>Connects the AF_UNIX socket that is standard input.</summary>
    public void ConnectInput(string path)
    {
        LibC.sockaddr_un name = new() { sun_family = LibC.AF_UNIX };
        _ = System.Text.Encoding.UTF8.GetBytes(path, new Span<byte>(name.sun_path, 107));
        Call(LibC.SYS_connect, LibC.STDIN_FILENO, Struct(name), sizeof(LibC.sockaddr_un));
    }

    /// <summary>Ends, with nothing to report.</summary>
    public void End() => Call(LibC.SYS_exit_group, 0);

    public void Unshare(CloneFlags flags) => Call(LibC.SYS_unshare, (nint)(ulong)flags);

    public void Mount(string type, string target, MountFlags flags, string options, bool optional = false) =>
        Call(Severity(optional), -1, LibC.SYS_mount, Text(type), Text(target), Text(type), MountBits(flags), Text(options));

    public void Bind(string source, string target, bool optional = false) =>
        Call(Severity(optional), -1, LibC.SYS_mount, Text(source), Text(target), 0, (nint)LibC.MS_BIND, 0);

    public void Remount(string target, MountFlags flags, bool optional = false) =>
        Call(
            Severity(optional), -1, LibC.SYS_mount, 0, Text(target), 0,
            (nint)(LibC.MS_BIND | LibC.MS_REMOUNT) | MountBits(flags), 0);

    public void SetPropagation(string target, Propagation propagation, bool recursive) =>
        Call(
            LibC.SYS_mount, 0, Text(target), 0,
            (nint)((ulong)propagation | (recursive ? LibC.MS_REC : 0)), 0);

    /// <summary>
    /// Makes a file system while what is mounted on the target is still there, and puts it in its place. mount(2) would
    /// put it on top, for whoever unmounts it to find the other.
    /// </summary>
    public void ReplaceMount(string type, string target, MountFlags flags)
    {
        const int Context = 0, Made = 1;
        Call(OnFailure.Stop, Context, LibC.SYS_fsopen, Text(type), (nint)LibC.FSOPEN_CLOEXEC);
        Call(LibC.SYS_fsconfig, Argument.Slot(Context), (nint)LibC.FSCONFIG_SET_STRING, Text("source"), Text(type), 0);
        if (flags.HasFlag(MountFlags.ReadOnly))
        {
            // The file system, as by mount(2), not the mount alone.
            Call(LibC.SYS_fsconfig, Argument.Slot(Context), (nint)LibC.FSCONFIG_SET_FLAG, Text("ro"), 0, 0);
        }

        Call(LibC.SYS_fsconfig, Argument.Slot(Context), (nint)LibC.FSCONFIG_CMD_CREATE, 0, 0, 0);
        Call(OnFailure.Stop, Made, LibC.SYS_fsmount, Argument.Slot(Context), (nint)LibC.FSMOUNT_CLOEXEC, (nint)(ulong)flags);
        Call(LibC.SYS_umount2, Text(target), LibC.MNT_DETACH | LibC.UMOUNT_NOFOLLOW);
        Call(
            LibC.SYS_move_mount, Argument.Slot(Made), Text(""), LibC.AT_FDCWD, Text(target), (nint)LibC.MOVE_MOUNT_F_EMPTY_PATH);
        CallIfPossible(LibC.SYS_close, Argument.Slot(Made));
        CallIfPossible(LibC.SYS_close, Argument.Slot(Context));
    }

    public void Unmount(string target) => Call(LibC.SYS_umount2, Text(target), LibC.UMOUNT_NOFOLLOW);

    public void MakeDirectory(string path, uint permissions) => Call(LibC.SYS_mkdir, Text(path), (nint)permissions);

    public void RemoveDirectory(string path) => Call(LibC.SYS_rmdir, Text(path));

    /// <summary>Writes a short text into a file of proc or sysfs.</summary>
    public void WriteFile(string path, string text, bool optional = false)
    {
        const int File = 0;
        int length = System.Text.Encoding.UTF8.GetByteCount(text);
        Call(Severity(optional), File, LibC.SYS_open, Text(path), LibC.O_WRONLY | LibC.O_CLOEXEC);
        Call(Severity(optional), -1, LibC.SYS_write, Argument.Slot(File), Text(text), length);
        CallIfPossible(LibC.SYS_close, Argument.Slot(File));
    }

    public void BringLoopbackUp()
    {
        const int Socket = 0;
        LibC.ifreq request = new() { ifr_flags = LibC.IFF_UP | LibC.IFF_LOOPBACK | LibC.IFF_RUNNING };
        "lo"u8.CopyTo(new Span<byte>(request.ifr_name, LibC.IFNAMSIZ));
        Call(OnFailure.Continue, Socket, LibC.SYS_socket, LibC.AF_INET, LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC, 0);
        CallIfPossible(LibC.SYS_ioctl, Argument.Slot(Socket), LibC.SIOCSIFFLAGS, Struct(request));
        CallIfPossible(LibC.SYS_close, Argument.Slot(Socket));
    }

    /// <summary>Forks: what follows happens in PID 2, and this process stays behind as PID 1.</summary>
    public void BecomeStubInit(StubInitDisguise disguise) => Call(StubInit, disguise.Compile(this));

    public void SetHostname(string name) => Call(LibC.SYS_sethostname, Text(name), name.Length);

    public void NewSession() => Call(LibC.SYS_setsid);

    /// <summary>Standard input, output and error become the terminal, and it becomes the session's.</summary>
    public void UseTerminal(SafeFileHandle slave)
    {
        for (int fd = 0; fd <= 2; fd++)
        {
            Call(LibC.SYS_dup2, slave.Fd(), fd);
        }
    }

    public void UseTerminal(string path)
    {
        const int Terminal = 0;
        Call(OnFailure.Stop, Terminal, LibC.SYS_open, Text(path), LibC.O_RDWR | LibC.O_NOCTTY | LibC.O_CLOEXEC);
        for (int fd = 0; fd <= 2; fd++)
        {
            Call(LibC.SYS_dup2, Argument.Slot(Terminal), fd);
        }
    }

    public void ControlTerminal() => CallIfPossible(LibC.SYS_ioctl, 0, (nint)LibC.TIOCSCTTY, 1);

    /// <summary>Gives the terminal to the payload's user.</summary>
    public void OwnTerminal(uint uid) => CallIfPossible(LibC.SYS_fchown, 0, (nint)uid, -1);

    public void SetPersonality(uint persona) => Call(LibC.SYS_personality, (nint)persona);

    public void SetUmask(uint mask) => Call(LibC.SYS_umask, (nint)mask);

    public void SetRlimit(RlimitResource resource, Rlimit limit) =>
        Call(LibC.SYS_prlimit64, 0, (int)resource, Struct(limit), 0);

    public void SetAffinity(ReadOnlySpan<int> processors)
    {
        const int Bits = 1024;
        nint mask = Bytes(Bits / 8);
        foreach (int processor in processors)
        {
            ((byte*)mask)[processor / 8] |= (byte)(1 << processor % 8);
        }

        Call(LibC.SYS_sched_setaffinity, 0, Bits / 8, mask);
    }

    public void NewSessionKeyring() => CallIfPossible(LibC.SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0);

    /// <summary>Loads a finished classic BPF program; seccomp(2).</summary>
    public void LoadFilter(ReadOnlySpan<ulong> program)
    {
        LibC.sock_fprog header = new() { len = (ushort)program.Length, filter = Array(program) };
        Call(LibC.SYS_seccomp, LibC.SECCOMP_SET_MODE_FILTER, 0, Struct(header));
    }

    public void SetNoNewPrivileges() => Call(LibC.SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

    /// <summary>Becomes a user. Raw calls: the C library's own would signal every thread it believes in, and wait.</summary>
    public void SetUser(uint uid, uint gid, ReadOnlySpan<uint> groups)
    {
        Call(LibC.SYS_prctl, PR_SET_KEEPCAPS, 1, 0, 0, 0);
        // In a namespace of one user, made without privileges, nobody may: the groups stay the user's own.
        Call(groups.IsEmpty ? OnFailure.Continue : OnFailure.Stop, -1, LibC.SYS_setgroups, groups.Length, Array(groups));
        Call(LibC.SYS_setresgid, (nint)gid, (nint)gid, (nint)gid);
        Call(LibC.SYS_setresuid, (nint)uid, (nint)uid, (nint)uid);
    }

    /// <summary>Becomes uid 0 of the user namespace it was cloned into, once that has one; user_namespaces(7).</summary>
    public void BecomeRootOfNamespace()
    {
        CallIfPossible(LibC.SYS_setgroups, 0, 0);
        Call(LibC.SYS_setresgid, 0, 0, 0);
        Call(LibC.SYS_setresuid, 0, 0, 0);
        // What the kernel does to somebody who becomes another: its files in /proc would be the host's root's.
        Call(LibC.SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
        DieWithParent();
    }

    /// <summary>Drops from the bounding set, for good, what is not retained; capabilities(7).</summary>
    public void BoundCapabilities(CapabilitySet retained, int last)
    {
        for (int capability = 0; capability <= last; capability++)
        {
            if (!retained.Contains((Capability)capability))
            {
                Call(LibC.SYS_prctl, PR_CAPBSET_DROP, capability, 0, 0, 0);
            }
        }
    }

    public void SetCapabilities(CapabilitySet effective, CapabilitySet permitted, CapabilitySet inheritable)
    {
        nint header = Struct(_LINUX_CAPABILITY_VERSION_3 | 0UL); // pid 0: the caller
        Call(
            LibC.SYS_capset, header,
            Array<uint>(
            [
                (uint)effective.Mask, (uint)permitted.Mask, (uint)inheritable.Mask,
                (uint)(effective.Mask >> 32), (uint)(permitted.Mask >> 32), (uint)(inheritable.Mask >> 32),
            ]));
    }

    public void RaiseAmbient(CapabilitySet ambient)
    {
        for (int capability = 0; capability <= (int)Capability.CheckpointRestore; capability++)
        {
            if (ambient.Contains((Capability)capability))
            {
                Call(LibC.SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
            }
        }
    }

    public void ChangeDirectory(string path, bool optional = false) =>
        Call(Severity(optional), -1, LibC.SYS_chdir, Text(path));

    /// <summary>Every descriptor from this one on closes when the payload is executed.</summary>
    public void CloseOnExecFrom(int fd)
    {
        Call(LibC.SYS_close_range, fd, unchecked((nint)uint.MaxValue), CLOSE_RANGE_CLOEXEC);
    }

    /// <summary>Makes a descriptor of the launcher the payload's, under its own number.</summary>
    public void KeepOnExec(int fd) =>
        Call(LibC.SYS_fcntl, fd, LibC.F_SETFD, 0);

    /// <summary>Tries each path in turn; the first that can be executed is what the child becomes.</summary>
    public void Execute(IReadOnlyList<string> paths, IReadOnlyList<IReadOnlyList<string>> arguments, IReadOnlyList<string> environment)
    {
        nint envp = TextArray(environment);
        for (int i = 0; i < paths.Count; i++)
        {
            Call(OnFailure.TryNext, -1, LibC.SYS_execve, Text(paths[i]), TextArray(arguments[i]), envp);
        }
    }

    private static OnFailure Severity(bool optional) => optional ? OnFailure.Continue : OnFailure.Stop;

    /// <summary>mount(2) has other numbers for some of the flags that mount_setattr(2) takes.</summary>
    private static nint MountBits(MountFlags flags)
    {
        const ulong Common = LibC.MS_RDONLY | LibC.MS_NOSUID | LibC.MS_NODEV | LibC.MS_NOEXEC;
        ulong bits = (ulong)flags & Common;
        bits |= flags.HasFlag(MountFlags.StrictAtime) ? LibC.MS_STRICTATIME : 0;
        bits |= flags.HasFlag(MountFlags.NoSymfollow) ? LibC.MS_NOSYMFOLLOW : 0;
        return (nint)bits;
    }
}
