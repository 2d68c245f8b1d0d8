using System.Buffers.Binary;
using System.Text;

namespace Nspawn.Core;

/// <summary>The processor a program is for, and the loader it asks for; elf(5).</summary>
/// <param name="Machine">e_machine: <c>EM_X86_64</c> is 62.</param>
/// <param name="Is64Bit">Its class.</param>
/// <param name="Interpreter">The path of its loader; null: it is static.</param>
public sealed record ElfHeader(ushort Machine, bool Is64Bit, string? Interpreter)
{
    private const int ProgramHeaderInterpreter = 3; // PT_INTERP
    private const int LongestPath = 4096;

    /// <summary>What is known of each kind of processor whose trees are about.</summary>
    public string MachineName => Machine switch
    {
        3 => "x86",
        8 => "mips",
        20 => "ppc",
        21 => "ppc64",
        22 => "s390x",
        40 => "arm",
        62 => "x86-64",
        183 => "arm64",
        243 => "riscv",
        258 => "loongarch64",
        _ => $"ELF machine {Machine}",
    };

    /// <summary>The kernel of an x86-64 host runs it by itself.</summary>
    public bool IsNative => Machine is 62 or 3;

    /// <summary>Null: no ELF file, or one that is cut off or contradicts itself.</summary>
    public static ElfHeader? Parse(ReadOnlySpan<byte> file)
    {
        if (file.Length < 52 || !file.StartsWith("\u007fELF"u8) || file[4] is not (1 or 2) || file[5] is not (1 or 2))
        {
            return null;
        }

        bool wide = file[4] == 2, little = file[5] == 1;
        if (wide && file.Length < 64)
        {
            return null;
        }

        ulong start = Word(file, wide ? 32 : 28, wide, little);
        int size = Half(file, wide ? 54 : 42, little), count = Half(file, wide ? 56 : 44, little);
        string? interpreter = null;
        for (int i = 0; i < count; i++)
        {
            if (size < (wide ? 56 : 32) || start > (ulong)file.Length || start + ((ulong)(i + 1) * (ulong)size) > (ulong)file.Length)
            {
                return null;
            }

            ReadOnlySpan<byte> header = file.Slice((int)start + (i * size), size);
            if (Int(header, 0, little) == ProgramHeaderInterpreter)
            {
                interpreter = ReadInterpreter(file, Word(header, wide ? 8 : 4, wide, little), Word(header, wide ? 32 : 16, wide, little));
                if (interpreter is null)
                {
                    return null;
                }

                break;
            }
        }

        return new ElfHeader(Half(file, 18, little), wide, interpreter);
    }

    private static string? ReadInterpreter(ReadOnlySpan<byte> file, ulong offset, ulong length)
    {
        if (length is < 2 or > LongestPath || offset > (ulong)file.Length || length > (ulong)file.Length - offset)
        {
            return null;
        }

        ReadOnlySpan<byte> path = file.Slice((int)offset, (int)length);
        int end = path.IndexOf((byte)0);
        return end <= 0 ? null : Encoding.UTF8.GetString(path[..end]);
    }

    private static ushort Half(ReadOnlySpan<byte> bytes, int at, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]) : BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);

    private static uint Int(ReadOnlySpan<byte> bytes, int at, bool little) =>
        little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]) : BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);

    private static ulong Word(ReadOnlySpan<byte> bytes, int at, bool wide, bool little) =>
        !wide ? Int(bytes, at, little)
        : little ? BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]) : BinaryPrimitives.ReadUInt64BigEndian(bytes[at..]);
}
