using System.Collections.Immutable;
using System.Diagnostics;

namespace Nspawn.Core;

/// <summary>
/// Lays out actions as classic BPF: which architecture, then a binary search over runs of neighbouring numbers with the
/// same action, so that a call passes about log2(runs) comparisons, six or seven.
/// </summary>
/// <remarks>
/// The program is written from its end to its start: a jump leads forward only, so its target is always written before
/// it and its length is known. A length above 255, the most a conditional jump can have, takes a BPF_JA.
/// Numbers and architecture are all that decide about an ordinary call, so the kernel (5.11 and later) finds out when it
/// loads the program which calls always pass, and does not run it for them.
/// </remarks>
internal ref struct FilterProgram
{
    // linux/bpf_common.h, linux/seccomp.h, linux/audit.h
    private const ushort LoadWord = 0x20, Return = 0x06;
    private const ushort Jump = 0x05, JumpIfEqual = 0x15, JumpIfAtLeast = 0x35, JumpIfAnySet = 0x45;
    private const uint Number = 0, Architecture = 4, Argument0 = 16, ArgumentSize = 8;
    private const uint AuditArchX8664 = 0xc000003e, AuditArchI386 = 0x40000003;
    private const uint ReturnErrno = 0x00050000, ReturnAllow = 0x7fff0000;

    private const uint EPERM = 1, EINVAL = 22, ENOSYS = 38, EAFNOSUPPORT = 97;
    private const uint AF_NETLINK = 16, NETLINK_AUDIT = 9;

    // Both bits of O_SYNC; the lower one is O_DSYNC.
    private const uint SynchronousWrite = 0x101000;

    // A run costs a comparison and a return, at worst a long jump; the few calls that are looked into have 6 more at most.
    private const int InstructionsPerRun = 3, Slack = 64;

    private readonly Span<ulong> _buffer;
    private readonly ReadOnlySpan<SyscallAction> _actions;
    private readonly ReadOnlySpan<ushort> _runs;
    private readonly AddressFamilies? _families;
    private int _start;

    private FilterProgram(
        Span<ulong> buffer, int start, ReadOnlySpan<SyscallAction> actions, ReadOnlySpan<ushort> runs, AddressFamilies? families)
    {
        _families = families;
        _buffer = buffer;
        _start = start;
        _actions = actions;
        _runs = runs;
    }

    /// <summary>The whole program, for the actions by number of either architecture.</summary>
    public static ImmutableArray<ulong> Assemble(ReadOnlySpan<SyscallAction> x8664, ReadOnlySpan<SyscallAction> i386, AddressFamilies? families)
    {
        Span<ushort> runs = stackalloc ushort[x8664.Length + i386.Length];
        int runsX8664 = FindRuns(x8664, runs);
        int runsI386 = FindRuns(i386, runs[runsX8664..]);

        Span<ulong> buffer = new ulong[((runsX8664 + runsI386) * InstructionsPerRun) + Slack + (4 * (families?.Families.Count ?? 0))];

        FilterProgram program = new(buffer, buffer.Length, i386, runs.Slice(runsX8664, runsI386), families);
        program.Search(0, runsI386);
        program.Prepend(LoadWord, Number);
        int startI386 = program._start;

        // A number of the x32 ABI has bit 30 set: it lies beyond the last run, where no call is known.
        program = new(buffer, startI386, x8664, runs[..runsX8664], families);
        program.Search(0, runsX8664);
        program.Prepend(LoadWord, Number);

        int toI386 = startI386 - program._start;
        program.Prepend(Return, ReturnErrno | ENOSYS);
        program.Prepend(Jump, (uint)(toI386 + 1));
        program.Prepend(JumpIfEqual, AuditArchI386, 0, 1);
        program.Prepend(JumpIfEqual, AuditArchX8664, 3, 0);
        program.Prepend(LoadWord, Architecture);
        return [.. buffer[program._start..]];
    }

    /// <summary>Writes the first number of each run of equal actions; returns how many there are.</summary>
    private static int FindRuns(ReadOnlySpan<SyscallAction> actions, Span<ushort> runs)
    {
        int count = 0;
        for (int number = 0; number < actions.Length; number++)
        {
            if (number == 0 || actions[number] != actions[number - 1])
            {
                runs[count++] = (ushort)number;
            }
        }

        return count;
    }

    /// <summary>Decides among the runs from <paramref name="first"/> to before <paramref name="end"/>.</summary>
    private void Search(int first, int end)
    {
        if (end - first == 1)
        {
            Decide(_actions[_runs[first]]);
            return;
        }

        int middle = (first + end) / 2;
        Search(middle, end);
        int upper = _start;
        Search(first, middle);
        int length = upper - _start;
        if (length > byte.MaxValue)
        {
            Prepend(Jump, (uint)length);
            Prepend(JumpIfAtLeast, _runs[middle], 0, 1);
        }
        else
        {
            Prepend(JumpIfAtLeast, _runs[middle], (byte)length, 0);
        }
    }

    private void Decide(SyscallAction action)
    {
        switch (action)
        {
            case SyscallAction.Allow:
                Prepend(Return, ReturnAllow);
                break;
            case SyscallAction.Refuse:
                Prepend(Return, ReturnErrno | EPERM);
                break;
            case SyscallAction.Unknown:
                Prepend(Return, ReturnErrno | ENOSYS);
                break;
            case SyscallAction.Ignore:
                Prepend(Return, ReturnErrno);
                break;
            case SyscallAction.Socket:
                DecideSocket();
                break;
            case SyscallAction.Open:
                DecideOpen(flagsArgument: 1);
                break;
            case SyscallAction.OpenAt:
                DecideOpen(flagsArgument: 2);
                break;
            default:
                throw new UnreachableException();
        }
    }

    // Arguments are 64 bits wide; of an int the kernel looks at the lower 32 only, and so must the filter.
    private void DecideSocket()
    {
        Prepend(Return, ReturnAllow);
        Prepend(Return, ReturnErrno | EAFNOSUPPORT);
        Prepend(JumpIfEqual, NETLINK_AUDIT, 0, 1);
        Prepend(LoadWord, Argument0 + (2 * ArgumentSize));
        Prepend(JumpIfEqual, AF_NETLINK, 0, 3);
        Prepend(LoadWord, Argument0);
        if (_families is not null)
        {
            RestrictFamilies(_families);
        }
    }

    // What passes goes on to what is written already; systemd's list has less than a hundred, so one jump reaches that far.
    private void RestrictFamilies(AddressFamilies families)
    {
        int next = _start;
        if (families.Only)
        {
            Prepend(Return, ReturnErrno | EAFNOSUPPORT);
        }

        foreach (int family in families.Families)
        {
            if (!families.Only)
            {
                Prepend(Return, ReturnErrno | EAFNOSUPPORT);
                Prepend(JumpIfEqual, (uint)family, 0, 1);
            }
            else
            {
                Prepend(JumpIfEqual, (uint)family, (byte)(next - _start), 0);
            }
        }

        Prepend(LoadWord, Argument0);
    }

    private void DecideOpen(uint flagsArgument)
    {
        Prepend(Return, ReturnAllow);
        Prepend(Return, ReturnErrno | EINVAL);
        Prepend(JumpIfAnySet, SynchronousWrite, 0, 1);
        Prepend(LoadWord, Argument0 + (flagsArgument * ArgumentSize));
    }

    /// <summary>Writes one struct sock_filter before those already written.</summary>
    private void Prepend(ushort code, uint k, byte ifTrue = 0, byte ifFalse = 0) =>
        _buffer[--_start] = code | ((ulong)ifTrue << 16) | ((ulong)ifFalse << 24) | ((ulong)k << 32);
}
