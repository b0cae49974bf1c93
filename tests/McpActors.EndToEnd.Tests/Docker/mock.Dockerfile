# The mock MCP server as it was built on this machine; the context is its output folder.
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0
FROM ${RUNTIME_IMAGE}
COPY --chown=0:0 . /mock
USER 1654:1654
ENTRYPOINT ["dotnet", "/mock/McpActors.MockServer.dll"]
