using System.Text;
using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class OciSelectionTests
{
    [Fact]
    public void The_image_for_this_processor_is_taken()
    {
        Layout layout = new();
        string arm = layout.Image("arm64"), intel = layout.Image("amd64", """{"Env":["A=b"]}""");
        layout.Index($"[{layout.Reference(arm, "arm64")},{layout.Reference(intel, "amd64")}]");
        OciImage image = layout.Find();

        Assert.Equal(["A=b"], image.Execution.Env!.AsEnumerable());
        OciLayer layer = Assert.Single(image.Layers);
        Assert.Equal((Layout.DiffId, "blobs/sha256/" + new string('2', 64), 10L), (layer.DiffId, layer.Name, layer.Size));
    }

    [Fact]
    public void An_index_may_be_nested_and_name_what_is_no_image()
    {
        Layout layout = new();
        string intel = layout.Image("amd64"), attestation = layout.Image("amd64");
        string nested = layout.Add($$"""{"schemaVersion":2,"manifests":[{{layout.Reference(intel, "amd64")}},{{layout.Reference(attestation, "unknown")}}]}""");
        layout.Index($"[{layout.Reference(nested, null, "application/vnd.oci.image.index.v1+json")}]");

        Assert.Single(layout.Find().Layers);
    }

    [Fact]
    public void One_of_several_is_named_by_its_tag()
    {
        Layout layout = new();
        string one = layout.Image("amd64", """{"Cmd":["one"]}"""), two = layout.Image("amd64", """{"Cmd":["two"]}""");
        layout.Index($"[{layout.Reference(one, "amd64", tag: "v1")},{layout.Reference(two, "amd64", tag: "v2")}]");

        Assert.Equal(["two"], layout.Find("v2").Execution.Cmd!.AsEnumerable());
        Assert.Equal("it holds several images; name one, as PATH:TAG (there are v1, v2)", Refusal(layout));
        Assert.Equal("it holds no image tagged v3 (there are v1, v2)", Refusal(layout, "v3"));
    }

    [Fact]
    public void The_older_form_of_docker_is_read()
    {
        Layout layout = new();
        layout.Files["config.json"] = $$$"""{"architecture":"amd64","os":"linux","config":{"Entrypoint":["/e"]},"rootfs":{"diff_ids":["sha256:{{{Layout.DiffId}}}"]}}""";
        layout.Files["manifest.json"] = """[{"Config":"config.json","RepoTags":["docker.io/x:latest"],"Layers":["a/layer.tar"]}]""";

        Assert.Equal(("a/layer.tar", null, Layout.DiffId), (layout.Find().Layers[0].Name, layout.Find().Layers[0].Digest, layout.Find().Layers[0].DiffId));
        Assert.Equal(["/e"], layout.Find("latest").Execution.Entrypoint!.AsEnumerable());
        Assert.Equal("it holds no image tagged other", Refusal(layout, "other"));
    }

    [Theory]
    [InlineData("there is neither index.json nor manifest.json in it", null)]
    [InlineData("its index.json is no such document, line 1", "no json")]
    [InlineData("its index.json is null", "null")]
    [InlineData("its index.json is no such document, line 1", """{"manifests":[],"manifests":[]}""")]
    [InlineData("it holds no image", """{"schemaVersion":2}""")]
    [InlineData("it holds no image", """{"manifests":[null]}""")]
    [InlineData("a manifest is named null: expected sha256: and 64 hexadecimal digits", """{"manifests":[{}]}""")]
    [InlineData("a manifest is named sha256:../../../etc/shadow: expected", """{"manifests":[{"digest":"sha256:../../../etc/shadow"}]}""")]
    [InlineData("a manifest is named sha512:00: expected", """{"manifests":[{"digest":"sha512:00"}]}""")]
    [InlineData("is missing", """{"manifests":[{"digest":"sha256:1111111111111111111111111111111111111111111111111111111111111111"}]}""")]
    public void A_corrupt_index_is_refused(string message, string? index)
    {
        Layout layout = new();
        if (index is not null)
        {
            layout.Files["index.json"] = index;
        }

        Assert.Contains(message, Refusal(layout));
    }

    [Fact]
    public void What_does_not_have_its_digest_or_size_is_refused()
    {
        Layout layout = new();
        string image = layout.Image("amd64");
        layout.Index($"[{layout.Reference(image, "amd64")}]");
        string name = $"blobs/sha256/{image}", content = layout.Files[name];

        layout.Files[name] = content.Replace("schemaVersion\":2", "schemaVersion\":3", StringComparison.Ordinal);
        Assert.Contains("the digest does not match", Refusal(layout));
        layout.Files[name] = content + " ";
        Assert.Contains($"has {content.Length + 1} bytes, not {content.Length}", Refusal(layout));
    }

    [Fact]
    public void Indexes_that_are_nested_without_end_are_refused()
    {
        Layout layout = new();
        string below = layout.Image("amd64");
        string type = "application/vnd.oci.image.manifest.v1+json";
        for (int i = 0; i < 10; i++)
        {
            below = layout.Add($$"""{"schemaVersion":2,"manifests":[{{layout.Reference(below, null, type)}}]}""");
            type = "application/vnd.oci.image.index.v1+json";
        }

        layout.Index($"[{layout.Reference(below, null, type)}]");
        Assert.Equal("its indexes name each other, or are nested too deep", Refusal(layout));

        // Wide rather than deep: each names the next twenty times.
        Layout wide = new();
        below = wide.Image("amd64");
        type = "application/vnd.oci.image.manifest.v1+json";
        for (int i = 0; i < 4; i++)
        {
            below = wide.Add($$"""{"schemaVersion":2,"manifests":[{{string.Join(',', Enumerable.Repeat(wide.Reference(below, null, type), 20))}}]}""");
            type = "application/vnd.oci.image.index.v1+json";
        }

        wide.Index($"[{wide.Reference(below, null, type)}]");
        Assert.Equal("its indexes name more than 1000 manifests", Refusal(wide));
    }

    [Theory]
    [InlineData("arm64", "it holds no image for linux on amd64, but for linux/arm64")]
    [InlineData(null, "it is for linux/arm64, not for linux on amd64")]
    public void An_image_for_another_processor_is_refused(string? platform, string message)
    {
        Layout layout = new();
        layout.Index($"[{layout.Reference(layout.Image("arm64"), platform)}]");

        Assert.Equal(message, Refusal(layout));
    }

    [Fact]
    public void Any_documents_are_an_image_or_are_refused()
    {
        Random random = new(20251103);
        string[] pieces = ["{", "}", "[", "]", "\"", ":", ",", "null", "0", "-1", "1e999", "\\u0000", "manifests", "layers", "digest", "sha256:", "config", "size", "true", "é", "\0"];
        for (int i = 0; i < 5000; i++)
        {
            Layout layout = new();
            layout.Index($"[{layout.Reference(layout.Image("amd64"), "amd64")}]");
            string name = layout.Files.Keys.ElementAt(random.Next(layout.Files.Count));
            StringBuilder text = new(layout.Files[name]);
            for (int change = random.Next(1, 4); change > 0 && text.Length > 0; change--)
            {
                int at = random.Next(text.Length);
                _ = random.Next(2) == 0 ? text.Remove(at, Math.Min(text.Length - at, random.Next(20))) : text.Insert(at, pieces[random.Next(pieces.Length)]);
            }

            layout.Files[name] = text.ToString();
            // A digest that still fits lets the change through to what is behind it.
            if (random.Next(2) == 0)
            {
                layout = layout.Rehashed(name);
            }

            try
            {
                Assert.All(layout.Find().Layers, layer => Assert.Matches("^[0-9a-f]{64}$", layer.DiffId));
            }
            catch (OciException refused)
            {
                Assert.Matches("^[^\n]{5,600}$", refused.Message);
            }
        }
    }

    private static string Refusal(Layout layout, string? tag = null) => Assert.Throws<OciException>(() => layout.Find(tag)).Message;

    /// <summary>A layout in memory.</summary>
    private sealed class Layout
    {
        public static readonly string DiffId = new('1', 64);

        public Dictionary<string, string> Files { get; } = [];

        public string Add(string content)
        {
            string digest = Sha256.HexOf(Encoding.UTF8.GetBytes(content));
            Files[$"blobs/sha256/{digest}"] = content;
            return digest;
        }

        public string Image(string architecture, string execution = "{}")
        {
            string config = Add($$"""{"architecture":"{{architecture}}","os":"linux","config":{{execution}},"rootfs":{"type":"layers","diff_ids":["sha256:{{DiffId}}"]} }""");
            return Add($$"""{"schemaVersion":2,"config":{{Reference(config, null)}},"layers":[{"digest":"sha256:{{new string('2', 64)}}","size":10} ]}""");
        }

        public string Reference(string digest, string? architecture, string type = "application/vnd.oci.image.manifest.v1+json", string? tag = null) =>
            $$"""{"mediaType":"{{type}}","digest":"sha256:{{digest}}","size":{{Encoding.UTF8.GetByteCount(Files[$"blobs/sha256/{digest}"])}}"""
            + (architecture is null ? "" : $$""","platform":{"architecture":"{{architecture}}","os":"{{(architecture == "unknown" ? "unknown" : "linux")}}"} """)
            + (tag is null ? "" : $$""","annotations":{"org.opencontainers.image.ref.name":"{{tag}}"} """) + "}";

        public void Index(string manifests) => Files["index.json"] = $$"""{"schemaVersion":2,"manifests":{{manifests}}}""";

        public OciImage Find(string? tag = null) => new OciSelection((name, limit) => Files.TryGetValue(name, out string? text) ? Encoding.UTF8.GetBytes(text) : null, tag).Find();

        /// <summary>The same with what was changed under its own digest, and every reference to it.</summary>
        public Layout Rehashed(string name)
        {
            Layout layout = new();
            (string old, string changed) = (name[(name.LastIndexOf('/') + 1)..], Files[name]);
            foreach ((string one, string content) in Files)
            {
                layout.Files[one] = content;
            }

            if (old != name && Files.Remove(name))
            {
                string digest = layout.Add(changed);
                foreach ((string one, string content) in layout.Files.ToArray())
                {
                    layout.Files[one] = one.EndsWith(digest, StringComparison.Ordinal) ? content : content.Replace(old, digest, StringComparison.Ordinal);
                }
            }

            return layout;
        }
    }
}
