using System.Collections.Immutable;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>
/// The system calls a container may make: systemd-nspawn's list, as one seccomp(2) program for 64-bit and 32-bit
/// processes alike.
/// </summary>
/// <remarks>
/// Allowed is what namespaces and capabilities confine; refused (EPERM) is what reaches the host around them; a number
/// nobody has a name for yet does not exist (ENOSYS). Where systemd's releases differ the newest, 262, counts.
/// </remarks>
public static class SeccompFilter
{
    /// <summary>Compiles the filter.</summary>
    /// <param name="retained">The capabilities left to the container: some calls go with them.</param>
    /// <param name="allow">Calls and @groups allowed beyond the default.</param>
    /// <param name="deny">Calls and @groups refused; they win over <paramref name="allow"/>.</param>
    /// <param name="suppressSync">
    /// Calls that wait for the disk succeed at once, denied or not, and no file is opened to be written synchronously.
    /// </param>
    /// <param name="unknownNames">The words of both lists that name nothing; they had no effect.</param>
    /// <param name="families">Of which address families socket(2) makes sockets; null: of all.</param>
    /// <returns>Each element is one <c>struct sock_filter</c> as it lies in memory.</returns>
    public static ImmutableArray<ulong> Compile(
        CapabilitySet retained,
        ImmutableArray<string> allow,
        ImmutableArray<string> deny,
        bool suppressSync,
        out ImmutableArray<string> unknownNames,
        AddressFamilies? families = null)
    {
        SyscallActions actions = new(
            stackalloc SyscallAction[SyscallTable.Limit],
            stackalloc SyscallAction[SyscallTable.Limit]);

        for (SyscallSection section = 0; section <= SyscallTable.Last; section++)
        {
            actions.Set(section, DefaultAction(section, retained));
        }

        unknownNames = [.. Apply(actions, allow, SyscallAction.Allow), .. Apply(actions, deny, SyscallAction.Refuse)];

        actions.Qualify(41, 359, SyscallAction.Socket);
        if (suppressSync)
        {
            SuppressSync(actions);
        }

        return FilterProgram.Assemble(actions.X8664, actions.I386, families);
    }

    private static SyscallAction DefaultAction(SyscallSection section, CapabilitySet retained) => section switch
    {
        SyscallSection.Removed => SyscallAction.Unknown,
        <= SyscallSection.Forgotten => SyscallAction.Allow,
        _ => NeededCapability(section) is { } capability && retained.Contains(capability)
            ? SyscallAction.Allow
            : SyscallAction.Refuse,
    };

    /// <summary>The capability that makes a section's calls safe to allow; null: none does.</summary>
    private static Capability? NeededCapability(SyscallSection section) => section switch
    {
        SyscallSection.Clock => Capability.SysTime,
        SyscallSection.Module => Capability.SysModule,
        SyscallSection.RawIo => Capability.SysRawio,
        SyscallSection.Memlock => Capability.IpcLock,
        SyscallSection.Accounting => Capability.SysPacct,
        SyscallSection.Tracing => Capability.SysPtrace,
        SyscallSection.Rebooting => Capability.SysBoot,
        SyscallSection.KernelLog => Capability.Syslog,
        SyscallSection.Hangup => Capability.SysTtyConfig,
        _ => null,
    };

    /// <summary>Gives the calls that the words name an action; returns the words that name none.</summary>
    private static ImmutableArray<string> Apply(SyscallActions actions, ImmutableArray<string> words, SyscallAction action)
    {
        ImmutableArray<string> unknown = [];
        foreach (string word in words)
        {
            if (!actions.TrySet(word, action))
            {
                unknown = unknown.Add(word);
            }
        }

        return unknown;
    }

    /// <summary>
    /// openat2(2) keeps its flags in memory, where no filter can look: it passes, and may still write synchronously.
    /// </summary>
    private static void SuppressSync(SyscallActions actions)
    {
        actions.Set(SyscallSection.Sync, SyscallAction.Ignore);
        actions.Qualify(2, 5, SyscallAction.Open);
        actions.Qualify(257, 295, SyscallAction.OpenAt);
    }
}
