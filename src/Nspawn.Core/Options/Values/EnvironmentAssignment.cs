namespace Nspawn.Core;

/// <summary>A variable for the payload: <c>NAME=VALUE</c>, or <c>NAME</c> alone for the caller's own value.</summary>
public static class EnvironmentAssignment
{
    public static string Parse(string text, OptionContext context)
    {
        int equals = text.IndexOf('=');
        string name = equals < 0 ? text : text[..equals];
        if (!IsName(name))
        {
            throw new UsageException("expected NAME=VALUE or NAME, the name of letters, digits and underscores");
        }

        // A variable the caller has not got is empty in the container, as systemd-nspawn has it.
        return equals < 0 ? $"{name}={context.Environment(name)}" : text;
    }

    public static bool IsName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
