using System.Collections.Immutable;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>A file that is to be executed, as execve(2) would find it.</summary>
public sealed record TreeProgram
{
    private const uint Executable = 0x49; // 0111
    private const int HeadSize = 64 * 1024;

    public required string Path { get; init; }
    public FileType Type { get; init; }

    /// <summary>Somebody may execute it.</summary>
    public bool IsExecutable { get; init; }

    /// <summary>It cannot be read by who asks: nothing more is known.</summary>
    public bool IsUnreadable { get; init; }
    public ElfHeader? Elf { get; init; }

    /// <summary>The program that a script asks for; null: it is no script.</summary>
    public string? ScriptInterpreter { get; init; }

    /// <summary>What it asks for, loader or script's interpreter, is there.</summary>
    public bool HasInterpreter { get; init; }

    /// <summary>Those of the host's emulators that take it; the last registered one first, as the kernel asks them.</summary>
    public ImmutableArray<BinaryFormat> Emulators { get; init; } = [];

    /// <summary>The first of them is in the tree, or need not be.</summary>
    public bool HasEmulator { get; init; }

    public string? Interpreter => ScriptInterpreter ?? Elf?.Interpreter;

    /// <summary>Null: nothing is at the path, or a link that leads to nothing.</summary>
    public static TreeProgram? Read(RootDirectory tree, string path, ImmutableArray<BinaryFormat> formats)
    {
        using SafeFileHandle? place = tree.TryOpen(path, OpenMode.Path, out _);
        if (place is null)
        {
            return null;
        }

        FileStatus status = FileStatus.Of(place, path);
        TreeProgram program = new() { Path = path, Type = status.Type, IsExecutable = (status.Permissions & Executable) != 0 };
        if (status.Type != FileType.Regular)
        {
            return program;
        }

        byte[]? head = tree.ReadFile(path, HeadSize);
        if (head is null)
        {
            return program with { IsUnreadable = true };
        }

        ImmutableArray<BinaryFormat> emulators = [.. formats.Where(format => format.Takes(head, path))];
        ElfHeader? elf = ElfHeader.Parse(head);
        program = program with
        {
            Elf = elf,
            ScriptInterpreter = ScriptInterpreterOf(head),
            Emulators = emulators,
            HasEmulator = !emulators.IsEmpty && (emulators[0].IsOpened || tree.Exists(emulators[0].Interpreter)),
        };
        return program with { HasInterpreter = program.Interpreter is null || tree.Exists(program.Interpreter) };
    }

    /// <summary>The first word behind <c>#!</c>; null when it does not begin so, empty when nothing follows.</summary>
    internal static string? ScriptInterpreterOf(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith("#!"u8))
        {
            return null;
        }

        ReadOnlySpan<byte> line = head[2..Math.Min(head.Length, 256)];
        int end = line.IndexOfAny((byte)'\n', (byte)0);
        line = (end < 0 ? line : line[..end]).Trim(" \t"u8);
        int blank = line.IndexOfAny((byte)' ', (byte)'\t');
        return Encoding.UTF8.GetString(blank < 0 ? line : line[..blank]);
    }
}
