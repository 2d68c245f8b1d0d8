using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>System calls and @groups separated by blanks; a <c>~</c> before the first takes all of them from the allowed ones.</summary>
public static class SystemCallList
{
    /// <summary>Whether the list takes system calls away, and allows none.</summary>
    public static bool OnlyDenies(string text) => text.StartsWith('~');

    public static Settings Add(Settings settings, string text)
    {
        bool deny = OnlyDenies(text);
        ImmutableArray<string> words =
            [.. (deny ? text[1..] : text).Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries)];
        foreach (string word in words)
        {
            if (!IsName(word.StartsWith('@') ? word[1..] : word))
            {
                throw new UsageException(
                    $"'{Message.Printable(word)}' is no system call; expected names and @groups separated by blanks, all behind one ~ to deny them");
            }
        }

        return deny
            ? settings with { DenySystemCalls = [.. settings.DenySystemCalls, .. words] }
            : settings with { AllowSystemCalls = [.. settings.AllowSystemCalls, .. words] };
    }

    private static bool IsName(string word) =>
        word.Length > 0 && word[0] != '-' && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
