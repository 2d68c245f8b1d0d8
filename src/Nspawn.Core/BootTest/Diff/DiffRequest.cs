using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Two images to be booted, one after the other, and compared.</summary>
/// <param name="Before">The tree or image that is compared with.</param>
/// <param name="After">The one that is looked at.</param>
/// <param name="Options">What the launch of both is asked, in words.</param>
/// <param name="Form">How it is said.</param>
public sealed record DiffRequest(string Before, string After, ImmutableArray<string> Options, DiffForm Form)
{
    private static readonly ImmutableArray<string> s_ofOne = ["directory", "image", "oci-bundle", "template", "machine"];

    /// <exception cref="UsageException">There are not two, or the options contradict each other.</exception>
    internal static DiffRequest Of(IReadOnlyList<Assignment> given, ImmutableArray<string> operands, OptionContext context)
    {
        if (operands.Length != 2)
        {
            throw new UsageException("diff compares two: nspawn diff TREE TREE, each a directory or an image");
        }

        foreach (Assignment one in given.Where(one => s_ofOne.Contains(one.Option.Name)))
        {
            throw new UsageException($"--{one.Option.Name} is about one image: diff boots two, which stand behind it");
        }

        Assignment[] launch = [.. given.Where(one => !Verb.Diff.Options.Contains(one.Option))];
        bool asked(string option) => given.Any(one => one.Option.Name == option);
        string[] network = new Request([.. launch], context).Alone.LeavesNetwork ? [] : ["--private-network"];
        return new DiffRequest(
            PathOf(operands[0], context), PathOf(operands[1], context),
            [.. network, .. TestedLaunch.Spell(given.Where(one => one.Option.Name is not (Verb.JsonOption or Verb.MarkdownOption)), showsSecrets: true)],
            asked(Verb.JsonOption) ? DiffForm.Json : asked(Verb.MarkdownOption) ? DiffForm.Markdown : DiffForm.Text);
    }

    private static string PathOf(string operand, OptionContext context) =>
        HostPath.Parse(operand, context) ?? throw new UsageException("diff compares two trees or images: the path of one is empty");

    /// <summary>The words of the test of one of them, behind the program's name.</summary>
    /// <param name="path">The tree or image.</param>
    /// <param name="option">The option that its path is given with.</param>
    public ImmutableArray<string> WordsFor(string path, string option) =>
        [Verb.Test.Name, $"--{option}={path}", .. Options, $"--{Verb.TracesOption}", $"--{Verb.OutputOption}=json"];
}

public enum DiffForm
{
    Text,
    Json,
    Markdown,
}
