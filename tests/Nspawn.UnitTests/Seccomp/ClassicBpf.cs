using System.Collections.Immutable;

namespace Nspawn.UnitTests;

/// <summary>The part of classic BPF that seccomp filters use, as the kernel would run it.</summary>
internal static class ClassicBpf
{
    public const uint X8664 = 0xc000003e;
    public const uint I386 = 0x40000003;

    public const uint Allow = 0x7fff0000;

    /// <summary>What the program returns for a call, and how many instructions it took.</summary>
    public static (uint Result, int Steps) Run(
        ImmutableArray<ulong> program, uint arch, uint number, params ReadOnlySpan<ulong> arguments)
    {
        uint accumulator = 0;
        int steps = 1;
        for (int pc = 0; ; pc++, steps++)
        {
            ulong instruction = program[pc];
            uint k = (uint)(instruction >> 32);
            int ifTrue = (byte)(instruction >> 16), ifFalse = (byte)(instruction >> 24);
            switch ((ushort)instruction)
            {
                case 0x20:
                    accumulator = Load(k, arch, number, arguments);
                    break;
                case 0x05:
                    pc += checked((int)k);
                    break;
                case 0x15:
                    pc += accumulator == k ? ifTrue : ifFalse;
                    break;
                case 0x35:
                    pc += accumulator >= k ? ifTrue : ifFalse;
                    break;
                case 0x45:
                    pc += (accumulator & k) != 0 ? ifTrue : ifFalse;
                    break;
                case 0x06:
                    return (k, steps);
                default:
                    throw new InvalidOperationException($"instruction {pc} is {instruction:x16}");
            }
        }
    }

    /// <summary>A word of struct seccomp_data.</summary>
    private static uint Load(uint offset, uint arch, uint number, ReadOnlySpan<ulong> arguments)
    {
        if (offset >= 16)
        {
            int argument = (int)(offset - 16) / 8;
            ulong value = argument < arguments.Length ? arguments[argument] : 0;
            return (uint)(value >> ((int)(offset % 8) * 8));
        }

        return offset switch
        {
            0 => number,
            4 => arch,
            _ => throw new InvalidOperationException($"load from {offset}"),
        };
    }
}
