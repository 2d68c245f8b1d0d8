using System.Collections.Immutable;
using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class DeviceProgramTests
{
    private const DeviceAccess ReadWrite = DeviceAccess.Read | DeviceAccess.Write;

    [Theory]
    [InlineData(DeviceKind.Character, 1, 3, DeviceAccess.All)]
    [InlineData(DeviceKind.Character, 1, 5, ReadWrite)]
    [InlineData(DeviceKind.Character, 1, 7, DeviceAccess.Write)]
    [InlineData(DeviceKind.Character, 1, 9, DeviceAccess.Read)]
    [InlineData(DeviceKind.Character, 5, 0, ReadWrite)]
    [InlineData(DeviceKind.Character, 5, 2, ReadWrite)]
    [InlineData(DeviceKind.Character, 10, 200, DeviceAccess.Mknod)]
    [InlineData(DeviceKind.Character, 10, 229, ReadWrite)]
    [InlineData(DeviceKind.Character, 136, 0, ReadWrite)]
    [InlineData(DeviceKind.Character, 136, 1048575, DeviceAccess.Read)]
    [InlineData(DeviceKind.Character, 0, 0, DeviceAccess.Mknod)]
    [InlineData(DeviceKind.Block, 0, 0, DeviceAccess.Mknod)]
    public void Container_may_use_what_every_machine_has(DeviceKind kind, uint major, uint minor, DeviceAccess access) =>
        Assert.True(Allows(DevicePolicy.Default.AsSpan(), kind, major, minor, access));

    [Theory]
    [InlineData(DeviceKind.Character, 1, 1, DeviceAccess.Read)]
    [InlineData(DeviceKind.Character, 1, 11, DeviceAccess.Read)]
    [InlineData(DeviceKind.Block, 1, 3, DeviceAccess.Read)]
    [InlineData(DeviceKind.Character, 4, 64, ReadWrite)]
    [InlineData(DeviceKind.Character, 5, 1, ReadWrite)]
    [InlineData(DeviceKind.Character, 10, 232, ReadWrite)]
    [InlineData(DeviceKind.Character, 136, 0, DeviceAccess.Mknod)]
    [InlineData(DeviceKind.Character, 136, 3, DeviceAccess.All)]
    [InlineData(DeviceKind.Character, 144, 0, DeviceAccess.Read)]
    [InlineData(DeviceKind.Block, 8, 0, DeviceAccess.Read)]
    [InlineData(DeviceKind.Block, 8, 0, DeviceAccess.Mknod)]
    [InlineData(DeviceKind.Block, 7, 0, DeviceAccess.Read)]
    [InlineData(DeviceKind.Block, 136, 0, DeviceAccess.Read)]
    public void Container_may_not_use_the_hosts_devices(DeviceKind kind, uint major, uint minor, DeviceAccess access) =>
        Assert.False(Allows(DevicePolicy.Default.AsSpan(), kind, major, minor, access));

    [Fact]
    public void Rule_for_reading_lets_nobody_write()
    {
        DeviceRule[] rules = [new(DeviceKind.Block, 8, 1, DeviceAccess.Read)];
        Assert.True(Allows(rules, DeviceKind.Block, 8, 1, DeviceAccess.Read));
        Assert.False(Allows(rules, DeviceKind.Block, 8, 1, DeviceAccess.Write));
        Assert.False(Allows(rules, DeviceKind.Block, 8, 1, ReadWrite));
        Assert.False(Allows(rules, DeviceKind.Block, 8, 2, DeviceAccess.Read));
    }

    [Fact]
    public void Rule_without_a_minor_number_covers_all_of_them()
    {
        DeviceRule[] rules = [new(DeviceKind.Character, 226, null, DeviceAccess.All)];
        Assert.True(Allows(rules, DeviceKind.Character, 226, 128, DeviceAccess.All));
        Assert.False(Allows(rules, DeviceKind.Character, 227, 128, DeviceAccess.All));
    }

    [Fact]
    public void Later_rule_can_grant_what_an_earlier_one_did_not()
    {
        DeviceRule[] rules = [new(DeviceKind.Block, 8, null, DeviceAccess.Read), new(DeviceKind.Block, 8, 1, DeviceAccess.All)];
        Assert.True(Allows(rules, DeviceKind.Block, 8, 1, ReadWrite));
        Assert.False(Allows(rules, DeviceKind.Block, 8, 2, ReadWrite));
    }

    [Fact]
    public void Policy_without_rules_denies_everything() =>
        Assert.False(Allows([], DeviceKind.Character, 1, 3, DeviceAccess.Read));

    private static bool Allows(ReadOnlySpan<DeviceRule> rules, DeviceKind kind, uint major, uint minor, DeviceAccess access) =>
        Run(DeviceProgram.Compile(rules), [((uint)access << 16) | (uint)kind, major, minor]) == 1;

    /// <summary>The part of eBPF that device programs use; a register that was never written may not be read.</summary>
    private static long Run(ImmutableArray<ulong> program, ReadOnlySpan<uint> context)
    {
        long?[] registers = new long?[11];
        registers[1] = 0;
        for (int pc = 0; ; pc++)
        {
            ulong instruction = program[pc];
            int destination = (int)(instruction >> 8) & 0xf, source = (int)(instruction >> 12) & 0xf;
            short offset = (short)(instruction >> 16);
            int immediate = (int)(instruction >> 32);
            switch ((byte)instruction)
            {
                case 0x61:
                    registers[destination] = context[(int)(registers[source]!.Value + offset) / 4];
                    break;
                case 0xb7:
                    registers[destination] = immediate;
                    break;
                case 0xbf:
                    registers[destination] = registers[source]!.Value;
                    break;
                case 0x57:
                    registers[destination] = registers[destination]!.Value & immediate;
                    break;
                case 0x77:
                    registers[destination] = (long)((ulong)registers[destination]!.Value >> immediate);
                    break;
                case 0x55:
                    pc += registers[destination]!.Value != immediate ? offset : 0;
                    break;
                case 0x15:
                    pc += registers[destination]!.Value == immediate ? offset : 0;
                    break;
                case 0x05:
                    pc += offset;
                    break;
                case 0x95:
                    return registers[0]!.Value;
                default:
                    throw new InvalidOperationException($"instruction {pc} is {instruction:x16}");
            }
        }
    }
}
