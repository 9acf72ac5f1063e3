using Serve.Api.Detection.Fetching;

namespace Serve.Api.Tests.Detection.Fetching;

public class HostListTests
{
    [Theory]
    [InlineData("images.example.org", "https://images.example.org/a.jpg", true)]
    [InlineData("images.example.org", "https://IMAGES.example.org/a.jpg", true)]
    [InlineData("images.example.org", "http://images.example.org:80/a.jpg", true)]
    [InlineData("images.example.org", "https://images.example.org:8443/a.jpg", false)]
    [InlineData("images.example.org:8443", "https://images.example.org:8443/a.jpg", true)]
    [InlineData("images.example.org:8443", "https://images.example.org/a.jpg", false)]
    [InlineData("images.example.org", "https://images.example.org.evil.test/a.jpg", false)]
    [InlineData("*.example.org", "https://a.b.example.org/a.jpg", true)]
    [InlineData("*.example.org", "https://example.org/a.jpg", false)]
    [InlineData("*.example.org", "https://badexample.org/a.jpg", false)]
    [InlineData("a.test, b.test", "http://b.test/", true)]
    [InlineData("*", "http://anything.test/", true)]
    [InlineData("*", "http://anything.test:22/", false)]
    [InlineData("[2606:2800::1]", "http://[2606:2800::1]/", true)]
    [InlineData("", "http://anything.test/", false)]
    [InlineData(null, "http://anything.test/", false)]
    public void A_host_is_allowed_when_an_entry_names_it_and_its_port(string? entries, string address, bool allowed)
        => Assert.Equal(allowed, new HostList(entries).Allows(new Uri(address)));
}
